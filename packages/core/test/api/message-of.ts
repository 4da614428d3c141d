/** The class and message of what `run` throws, without the line that says where it was thrown, other places shortened to HERE. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error)
      return `${error.name} ${withoutPlace(error.message)}`.replaceAll(
        /[^\s(]*\/test\/\S+?:\d+:\d+/g,
        "HERE",
      );
    throw error;
  }
  return "nothing was thrown";
}

/** A message without its line `at file:line:column`, which moves with every edit of a test. */
export function withoutPlace(message: string): string {
  return message.replace(/^ {2}at \S+:\d+:\d+\n?/m, "").trimEnd();
}
