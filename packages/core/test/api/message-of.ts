/** The class and message of what `run` throws, with places in this repository's tests shortened to `test:line`. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error)
      return `${error.name} ${error.message}`.replaceAll(/[^\s(]*\/test\/\S+?:\d+:\d+/g, "HERE");
    throw error;
  }
  return "nothing was thrown";
}
