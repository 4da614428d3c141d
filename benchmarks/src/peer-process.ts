/** A peer in a program of its own that is kept alive: a request on each line in, an answer on each line out. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Numbers, PeerTask } from "./peer-task.ts";

/** A peer that waits in silence between requests, so that it takes nothing from what is measured meanwhile. */
export class PeerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;

  constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    // A program that is gone shows as an answer that does not come.
    this.#child.stdin.on("error", () => undefined);
    this.#child.on("error", () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Builds the model. */
  async create(task: PeerTask): Promise<void> {
    const { name, sizes, rate } = task;
    const [parameters, values] = [encoded(task.parameters), encoded(task.values)];
    const answer = await this.#ask({ create: { name, sizes, rate, parameters, values } });
    if (answer["ready"] !== true) throw this.#unexpected(answer);
  }

  /** The losses of the next `count` steps. */
  async losses(count: number): Promise<readonly number[]> {
    return this.#numbers({ steps: count }, "losses");
  }

  /** Milliseconds of each step until `milliseconds` have passed, at least of one. */
  async run(milliseconds: number): Promise<readonly number[]> {
    return this.#numbers({ run: milliseconds }, "times");
  }

  /** Ends the program: its input is over. */
  close(): void {
    this.#child.stdin.end();
  }

  async #numbers(request: object, key: string): Promise<readonly number[]> {
    const answer = await this.#ask(request);
    const numbers = answer[key];
    if (Array.isArray(numbers) && numbers.length > 0 && numbers.every((x) => typeof x === "number"))
      return numbers;
    throw this.#unexpected(answer);
  }

  async #ask(request: object): Promise<Readonly<Record<string, unknown>>> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`${this.#name} ended without an answer`);
    const answer: unknown = JSON.parse(value);
    if (typeof answer !== "object" || answer === null) throw this.#unexpected(answer);
    return answer as Readonly<Record<string, unknown>>;
  }

  #unexpected(answer: unknown): Error {
    return new Error(`${this.#name} answered ${JSON.stringify(answer)}`);
  }
}

/** Arrays as text: base64 of little-endian float32. */
function encoded(arrays: Readonly<Record<string, Numbers>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      return [name, { data: bytes.toString("base64"), shape }];
    }),
  );
}
