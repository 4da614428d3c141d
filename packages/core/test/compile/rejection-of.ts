import { messageOf } from "../api/message-of.ts";

/** The class and message that a promise is rejected with. */
export function rejectionOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing was thrown",
    (error: unknown) =>
      messageOf(() => {
        throw error;
      }),
  );
}
