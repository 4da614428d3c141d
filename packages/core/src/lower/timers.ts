/** Puts timers around the pieces of work of a program: kernels, products, packing, copies. */
import { ifStatement } from "../loop-ir/build.ts";
import { constantIndex } from "../loop-ir/index-expr.ts";
import type { Buffer, LoopFunction, Program, Statement } from "../loop-ir/types.ts";
import { statementBody } from "../loop-ir/walk.ts";
import type { HostEvent } from "./events.ts";
import type { Lowered } from "./lower.ts";

/** The same program, which says when each piece of work begins and ends. */
export function withTimers(lowered: Lowered): Lowered {
  const events: HostEvent[] = [...lowered.events];
  const tell = (event: HostEvent): Statement => ({
    kind: "host",
    event: events.push(event) - 1,
    buffer: undefined,
    index: constantIndex(0),
  });
  const timed = (body: readonly Statement[], loop: string): Statement[] =>
    body.flatMap((s): Statement[] => {
      const name = workOf(s);
      if (name !== undefined) {
        const work = `${loop}${name}`;
        return [tell({ kind: "begin", work }), s, tell({ kind: "end", work })];
      }
      if (s.kind === "if") return [ifStatement(s.cond, timed(s.then, loop))];
      if (s.kind !== "for" || s.parallel) return [s];
      return [{ ...s, body: timed(s.body, `${loop}${lowered.loops.get(s.var) ?? "loop"}: `) }];
    });
  const program: Program = {
    ...lowered.program,
    entries: lowered.program.entries.map((entry): LoopFunction => ({
      ...entry,
      body: timed(entry.body, ""),
    })),
  };
  return { ...lowered, program, events };
}

/** What lies in a buffer, without the form that it has there. */
const plain = ({ name }: Buffer): string => name.replace(/^panels_|_history$/g, "");

/** What the statement does, where it is one piece of work. */
function workOf(s: Statement): string | undefined {
  switch (s.kind) {
    case "call":
      return s.func.name;
    case "matmul":
      return `${plain(s.a.buffer)} @ ${plain("packed" in s.b ? s.b.packed : s.b.buffer)}`;
    case "pack":
      return `pack ${s.b.buffer.name}`;
    case "copy":
      return `copy ${s.to.name}`;
    case "for":
      return s.parallel
        ? statementBody(s)
            .map(workOf)
            .find((work) => work !== undefined)
        : undefined;
    case "let":
    case "assign":
    case "store":
    case "if":
    case "reduce":
    case "prefix":
    case "fail":
    case "host":
    case "stop":
      return undefined;
    default:
      return s satisfies never;
  }
}
