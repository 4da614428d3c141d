/** Writes statements, as one invocation runs them. */
import {
  InternalError,
  UnsupportedError,
  type LoopFunction,
  type ScalarVar,
  type Statement,
} from "@scan-train/core/backend-kit";
import { Block, factsOf } from "./block.ts";
import { bare, Lines } from "./lines.ts";
import { writeCopyLoop, writeMatmulLoops, writePackLoop } from "./matrix.ts";
import { writeReduce } from "./reduce.ts";

/** The statements one after the other; every loop in its order. */
export function writeStatements(body: readonly Statement[], block: Block): void {
  for (const s of body) writeStatement(s, block);
}

function writeStatement(s: Statement, block: Block): void {
  switch (s.kind) {
    case "for":
      return block.loop(s.var, block.kernel.size(s.extent), (inner) =>
        writeStatements(s.body, inner),
      );
    case "let":
      return block.declare(s.var, block.value(s.value));
    case "assign": {
      const value = bare(block.value(s.value));
      return block.lines.add(`${variable(s.var, block)} = ${value};`);
    }
    case "store": {
      const value = block.value(s.value);
      return block.store(s.buffer, block.index(s.index), value);
    }
    case "if": {
      const cond = bare(block.value(s.cond));
      return block.nest(`if (${cond})`, (inner) => writeStatements(s.then, inner));
    }
    case "reduce":
      return writeReduce(s, block);
    case "call": {
      const args = s.args.map((arg) => block.index(arg));
      return block.lines.add(`${functionName(s.func, block)}(${args.join(", ")});`);
    }
    case "matmul":
      return writeMatmulLoops(s, block);
    case "pack":
      return writePackLoop(s, block);
    case "copy":
      return writeCopyLoop(s, block);
    case "fail": {
      const cond = bare(block.value(s.cond));
      return block.lines.add(`if (${cond}) { ${block.kernel.fail(s.code)} }`);
    }
    case "host":
      throw hostOnly();
    case "prefix":
      throw new InternalError("a prefix is not expanded");
    case "stop": {
      const cond = bare(block.value(s.cond));
      return block.lines.add(`if (${cond}) { break; }`);
    }
    default:
      return s satisfies never;
  }
}

export function hostOnly(): UnsupportedError {
  return new UnsupportedError(
    "GPU_HOST",
    "what runs on the GPU cannot show values (printValue) or be timed by kernel (profile: true)",
    { hint: "leave these out, or compile to WebAssembly: leave backend out" },
  );
}

/** A local that changes. */
function variable(v: ScalarVar, block: Block): string {
  if (!block.facts.assigned.has(v)) throw new InternalError(`${v.name} does not change`);
  return block.text(v);
}

/** The WGSL function of a callee, written when it is first called; its callees come before it. */
function functionName(func: LoopFunction, block: Block): string {
  const { kernel } = block;
  const known = kernel.functions.get(func);
  if (known !== undefined) return known.name;
  const name = kernel.names.fresh(func.name);
  const lines = new Lines();
  const body = new Block(kernel, lines, factsOf(func.body));
  const params = func.params.map((param) => {
    const text = kernel.names.fresh(param.name);
    body.know(param, text);
    return `${text}: i32`;
  });
  lines.block(`fn ${name}(${params.join(", ")})`, () => writeStatements(func.body, body));
  kernel.functions.set(func, { name, code: lines.toString() });
  return name;
}
