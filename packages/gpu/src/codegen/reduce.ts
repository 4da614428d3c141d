/** Folds, in the two orders that loop IR fixes. */
import type { ReduceOp, Statement } from "@scan-train/core/backend-kit";
import type { Block } from "./block.ts";
import { requireType, traitOf, type GpuType } from "./device-traits.ts";
import { bare } from "./lines.ts";
import { writeIdentity } from "./literals.ts";
import { writeBinary } from "./scalar-ops.ts";

type Reduce = Extract<Statement, { kind: "reduce" }>;

/** Declares the variable of the fold. */
export function writeReduce(s: Reduce, block: Block): void {
  const fold = new Fold(s, block);
  if (s.order === "lanes") writeLanes(s, block, fold);
  else writeBlocks(s, block, fold);
}

class Fold {
  readonly #op: ReduceOp;
  readonly #type: GpuType;
  readonly #block: Block;

  constructor({ var: result, op }: Reduce, block: Block) {
    this.#op = op;
    this.#type = requireType(result.type, `the fold "${result.name}"`);
    this.#block = block;
  }

  get identity(): string {
    return writeIdentity(this.#op, this.#type, this.#block.kernel.use);
  }

  combine(x: string, y: string): string {
    return bare(writeBinary(this.#op, this.#type, [x, y], this.#block.kernel.use));
  }
}

/** Element i to accumulator i mod 16; then the accumulators in a tree of distances 8, 4, 2, 1. */
function writeLanes(s: Reduce, block: Block, fold: Fold): void {
  const { names } = block.kernel;
  const lanes = names.fresh(`${s.var.name}_lanes`);
  const [lane, distance] = [names.fresh("lane"), names.fresh("distance")];
  block.lines.add(`var ${lanes}: array<${traitOf(s.var.type).scalar}, 16>;`);
  const clear = `${lanes}[${lane}] = ${fold.identity};`;
  block.lines.add(`for (var ${lane} = 0; ${lane} < 16; ${lane}++) { ${clear} }`);
  block.loop(s.index, block.kernel.size(s.extent), (inner) => {
    const at = `${lanes}[${inner.text(s.index)} & 15]`;
    const value = inner.value(s.value);
    inner.lines.add(`${at} = ${fold.combine(at, value)};`);
  });
  block.nest(`for (var ${distance} = 8; ${distance} > 0; ${distance} = ${distance} / 2)`, () => {
    const [near, far] = [`${lanes}[${lane}]`, `${lanes}[${lane} + ${distance}]`];
    const step = `${near} = ${fold.combine(near, far)};`;
    block.lines.add(`for (var ${lane} = 0; ${lane} < ${distance}; ${lane}++) { ${step} }`);
  });
  block.declare(s.var, `${lanes}[0]`);
}

/** Blocks of 256 in ascending order, each from the identity; then the blocks in order. */
function writeBlocks(s: Reduce, block: Block, fold: Fold): void {
  const { names } = block.kernel;
  const [total, part] = [names.fresh(`${s.var.name}_total`), names.fresh(`${s.var.name}_block`)];
  block.lines.add(`var ${total} = ${fold.identity};`);
  writeBlockLoops(block, {
    counter: names.fresh(s.index.name),
    extent: block.kernel.size(s.extent),
    begin: `var ${part} = ${fold.identity};`,
    element(inner, counter) {
      inner.know(s.index, counter);
      const value = inner.value(s.value);
      inner.lines.add(`${part} = ${fold.combine(part, value)};`);
    },
    end: `${total} = ${fold.combine(total, part)};`,
  });
  block.declare(s.var, total);
}

/** 0 .. extent-1 in blocks of 256: `begin`, the elements of the block, `end`. */
export function writeBlockLoops(
  block: Block,
  parts: {
    readonly counter: string;
    readonly extent: string;
    readonly begin: string;
    readonly element: (inner: Block, counter: string) => void;
    readonly end: string;
  },
): void {
  const { counter, extent, begin, element, end } = parts;
  const start = block.kernel.names.fresh("start");
  block.nest(`for (var ${start} = 0; ${start} < ${extent}; ${start} += 256)`, (outer) => {
    outer.lines.add(begin);
    const head = `for (var ${counter} = ${start}; ${counter} < min(${start} + 256, ${extent}); ${counter}++)`;
    outer.nest(head, (inner) => element(inner, counter));
    outer.lines.add(end);
  });
}
