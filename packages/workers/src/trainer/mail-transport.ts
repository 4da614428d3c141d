/** What a platform gives where memory cannot be shared: workers that answer by message. */
import type { MailWorker } from "../protocol/mail.ts";

export interface MailThread extends MailWorker {
  /** Ends the worker; what it has not answered is rejected with `reason`. */
  end(reason: Error): void;
}

export interface MailTransport {
  readonly workers: number;
  /** One that has been started already, or a new one. */
  take(): MailThread;
  /** Ends those that nobody has taken. */
  close(): void;
}
