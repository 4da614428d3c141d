/** Texts that are equal where values are: what merging, and finding a program that was built before, go by. */
import type { Apply, Block } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";

/** Numbers tensors so that equal numbers mean equal values. */
export class ValueNumbers {
  readonly #numbers = new Map<Tensor, string>();
  readonly #withNames: boolean;

  /** `withNames`: what has another name, or is made of such, is another value. */
  constructor(withNames = false) {
    this.#withNames = withNames;
  }

  /** Gives a tensor the number of another value. */
  set(tensor: Tensor, number: string): void {
    this.#numbers.set(tensor, number);
  }

  of(tensor: Tensor): string {
    const known = this.#numbers.get(tensor);
    if (known !== undefined) return known;
    const { origin } = tensor;
    const made =
      origin.kind === "constant" && tensor.rank === 0
        ? `${tensor.dtype} ${numberKey(origin.value.item())}`
        : `t${tensor.id}`;
    this.#numbers.set(tensor, made);
    return made;
  }

  /** The number that the results of an application share, from the numbers of its inputs. */
  ofApply(apply: Apply, inputs: readonly Tensor[] = apply.inputs): string {
    const blocks = apply.blocks.map((block) => blockKey(block, this.#withNames)).join(";");
    const names = this.#withNames ? JSON.stringify(apply.outputs.map(({ name }) => name)) : "";
    return `${opNumber(apply.op)}(${paramsKey(apply.params)};${inputs.map((x) => this.of(x)).join(",")};${blocks})${names}`;
  }
}

const opNumbers = new WeakMap<object, number>();
let ops = 0;

/** Ops are the same where they are one object, whatever their names. */
function opNumber(op: object): number {
  const known = opNumbers.get(op);
  if (known !== undefined) return known;
  opNumbers.set(op, ops);
  return ops++;
}

/** JSON, in which numbers that JSON does not have are different from each other. */
function paramsKey(params: unknown): string {
  return JSON.stringify(params, (_, value: unknown) =>
    typeof value === "number" && !(Number.isFinite(value) && !Object.is(value, -0))
      ? { number: numberKey(value) }
      : value,
  );
}

const numberKey = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

const keys = { plain: new WeakMap<Block, string>(), withNames: new WeakMap<Block, string>() };

/** The structure of a block, free of identities. */
function blockKey(block: Block, withNames: boolean): string {
  const cache = withNames ? keys.withNames : keys.plain;
  const known = cache.get(block);
  if (known !== undefined) return known;
  const numbers = new ValueNumbers(withNames);
  for (const [i, input] of block.inputs.entries())
    numbers.set(input, withNames ? `i${i} ${JSON.stringify(input.name)}` : `i${i}`);
  const lines = numberAll(block.outputs, numbers, new Set(block.inputs));
  const key = `${lines.join("\n")}\n${block.outputs.map((o) => numbers.of(o)).join(",")}`;
  cache.set(block, key);
  return key;
}

/** Numbers everything that `outputs` need, from what is numbered already; a line for each application. */
export function numberAll(
  outputs: readonly Tensor[],
  numbers: ValueNumbers,
  stop: ReadonlySet<Tensor>,
): string[] {
  const lines: string[] = [];
  for (const apply of toposort(outputs, stop)) {
    const name = `n${lines.length}`;
    lines.push(numbers.ofApply(apply));
    for (const [i, output] of apply.outputs.entries()) numbers.set(output, `${name}.${i}`);
  }
  return lines;
}
