/** Random numbers in Theano's style: a stream that goes on from call to call and from step to step. */
import { ArgumentError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import { NDArray } from "../graph/ndarray.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import type { Operand } from "../ops/operand.ts";
import type { NormalOptions, UniformOptions } from "../ops/random.ts";
import { foldIn, key } from "../ops/random-key.ts";
import { categorical, permutation } from "./choices.ts";
import { bernoulli, normal, randint, uniform } from "./draws.ts";
import type { Update } from "./scan/types.ts";
import { Shared } from "./shared.ts";
import type { SizeLike } from "./shapes.ts";
import { markDrawn, markStream } from "./stream-states.ts";

/**
 * Draws that differ from each other, and from call to call where the stream's update is made: pass `updates()` to `compile`, or return
 * them from a step of scan, whose every step then draws anew, and pass on those of the scan. Several scans may draw from one stream: their
 * updates stand side by side. What is drawn before a scan is the same in all its steps. Equal seeds give equal numbers.
 */
export class RandomStream {
  readonly name: string;
  /** How often the update was made: save it and set it to go on. */
  readonly state: Shared<"int32">;
  readonly #key: Tensor<"int32">;
  #draws = 0;

  /** @throws ArgumentError SEED, STREAM_NAME */
  constructor(seed: number, name = "random stream") {
    if (typeof name !== "string")
      throw new ArgumentError("STREAM_NAME", `randomStream: the name is ${String(name)}`, {
        hint: 'give a text: randomStream(1, "noise")',
      });
    this.name = name;
    this.#key = key(seed);
    this.state = new Shared<"int32">(new NDArray("int32", [], Int32Array.of(0)), name);
    markStream(this.state);
  }

  /** A key `[2]` that no other draw of this stream has, now. */
  key(): Tensor<"int32"> {
    const drawn = foldIn(foldIn(this.#key, this.state), this.#draws++);
    markDrawn(drawn);
    return drawn;
  }

  /** As `uniform` with a key of the stream: numbers of `shape` in [low, high). @throws ArgumentError RANDOM_OPTION */
  uniform<D extends "float32" | "float64" = "float32">(
    shape: readonly SizeLike[],
    options?: UniformOptions<D>,
  ): Tensor<D> {
    return uniform(this.key(), shape, options);
  }

  /** As `normal` with a key of the stream: numbers of `shape`. @throws ArgumentError RANDOM_OPTION */
  normal<D extends "float32" | "float64" = "float32">(
    shape: readonly SizeLike[],
    options?: NormalOptions<D>,
  ): Tensor<D> {
    return normal(this.key(), shape, options);
  }

  /** As `bernoulli` with a key of the stream: true with probability `p`, bool of `shape`. */
  bernoulli(p: Operand, shape: readonly SizeLike[]): Tensor<"bool"> {
    return bernoulli(this.key(), p, shape);
  }

  /** As `randint` with a key of the stream: from `low` up to but without `high`. @throws ArgumentError RANDINT_RANGE */
  randint(low: Operand, high: Operand, shape: readonly SizeLike[]): Tensor<"int32"> {
    return randint(this.key(), low, high, shape);
  }

  /** As `categorical` with a key of the stream: ids `[...]` of logits `[..., C]`. @throws DTypeError, ShapeError CATEGORICAL */
  categorical(logits: Operand): Tensor<"int32"> {
    return categorical(this.key(), logits);
  }

  /** As `permutation` with a key of the stream: 0 .. n - 1 `[n]`, or rows `[n, ...]`, in random order. @throws ArgumentError PERMUTATION */
  permutation(n: SizeLike): Tensor<"int32">;
  permutation<D extends DType>(rows: Tensor<D>): Tensor<D>;
  permutation(n: SizeLike | Tensor): Tensor {
    return permutation(this.key(), n as Tensor);
  }

  /**
   * What makes the next call, or the next step, draw other numbers. A graph that holds scans which draw gets theirs, whether this one or not.
   * @example const roll = await compile({ inputs: {}, outputs: { die: noise.randint(1, 7, []) }, updates: noise.updates() });
   */
  updates(): Update[] {
    return [[this.state, add(this.state, 1)]];
  }
}

/**
 * A stream of random numbers that starts from a seed; `state` says how far it is, and starts it there when set.
 * @example const noise = randomStream(1);
 * const { outputs, updates } = scan(
 *   (h) => stepResult(h.add(noise.normal([3])), { updates: noise.updates() }),
 *   { outputsInfo: zeros([3]), nSteps: 10 },
 * );
 * @throws ArgumentError SEED, STREAM_NAME
 */
export function randomStream(seed: number, name?: string): RandomStream {
  return new RandomStream(seed, name);
}
