/** A page of a test: calls into it, and what went wrong in it. */
import type { Browser, Page } from "playwright-core";
import { exportsName } from "./bundle.ts";

/** Modules whose exports are functions; arguments and results are plain data. */
export type Callable<E> = { readonly [K in keyof E]: (...args: never[]) => unknown };

type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
type Result<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;

export class TestPage<E> {
  /** Playwright's page, for what `call` cannot do. */
  readonly page: Page;
  /** What the page has written by console.log. */
  readonly printed: string[] = [];
  readonly #errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.#errors.push(String(error.stack ?? error)));
    page.on("crash", () => this.#errors.push("the page crashed"));
    page.on("console", (message) => {
      if (message.type() === "error") this.#errors.push(message.text());
      else if (message.type() === "log") this.printed.push(message.text());
    });
  }

  /** A page in a context of its own, loaded. */
  static async open<E>(browser: Browser, url: string): Promise<TestPage<E>> {
    const context = await browser.newContext();
    const opened = new TestPage<E>(await context.newPage());
    await opened.page.goto(url, { waitUntil: "load" });
    return opened;
  }

  /** Another page of the same site in the same session; it is closed with this one. */
  async sibling(): Promise<TestPage<E>> {
    const opened = new TestPage<E>(await this.page.context().newPage());
    await opened.page.goto(this.page.url(), { waitUntil: "load" });
    return opened;
  }

  /** Calls a function that the page's module exports. */
  async call<K extends keyof E & string>(name: K, ...args: Arguments<E[K]>): Promise<Result<E[K]>> {
    const result: unknown = await this.page.evaluate(callExport, { exportsName, name, args });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the function returned, as plain data
    return result as Result<E[K]>;
  }

  /** What the page has reported as errors since it was last asked: texts of the console, uncaught errors. */
  takeErrors(): string[] {
    return this.#errors.splice(0);
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

interface Call {
  readonly exportsName: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Runs in the page. */
function callExport({ exportsName: all, name, args }: Call): unknown {
  const found: unknown = Reflect.get(globalThis, all);
  const exported: unknown =
    typeof found === "object" && found !== null ? Reflect.get(found, name) : undefined;
  if (typeof exported !== "function") throw new Error(`the page's module exports no "${name}"`);
  return Reflect.apply(exported, undefined, args);
}
