import { messageOf } from "./message-of.ts";

/** What a call says as plain JavaScript makes it. */
export const message = (f: (...args: never[]) => unknown, ...args: unknown[]): string =>
  messageOf(() => (f as (...all: unknown[]) => unknown)(...args));
/** Without the hint. */
export const refusal = (f: (...args: never[]) => unknown, ...args: unknown[]): string =>
  message(f, ...args).replace(/\n[\s\S]*/, "");
