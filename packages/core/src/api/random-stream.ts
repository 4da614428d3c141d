/** Random numbers in Theano's style: a stream that goes on from call to call and from step to step. */
import { ArgumentError } from "../errors/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Operand } from "../ops/operand.ts";
import type { NormalOptions, UniformOptions } from "../ops/random.ts";
import { foldIn, key } from "../ops/random-key.ts";
import { categorical, permutation } from "./choices.ts";
import { bernoulli, normal, randint, uniform } from "./draws.ts";
import type { Update } from "./scan/types.ts";
import { Shared } from "./shared.ts";
import type { SizeLike } from "./shapes.ts";
import { NDArray } from "../graph/ndarray.ts";

const streams = new WeakMap<object, RandomStream>();

/** The stream whose place a shared variable counts. */
export function streamOf(variable: object): RandomStream | undefined {
  return streams.get(variable);
}

/**
 * Draws that differ from each other, and from call to call where the stream's update is made: pass `updates()` to `compile`, or return
 * them from a step of scan, whose every step then draws anew. Equal seeds give equal numbers.
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
    streams.set(this.state, this);
  }

  /** A key that no other draw of this stream has, now. */
  key(): Tensor<"int32"> {
    return foldIn(foldIn(this.#key, this.state), this.#draws++);
  }

  /** As `uniform` with a key of the stream. @throws ArgumentError RANDOM_OPTION */
  uniform<D extends "float32" | "float64" = "float32">(
    shape: readonly SizeLike[],
    options?: UniformOptions<D>,
  ): Tensor<D> {
    return uniform(this.key(), shape, options);
  }

  /** As `normal` with a key of the stream. @throws ArgumentError RANDOM_OPTION */
  normal<D extends "float32" | "float64" = "float32">(
    shape: readonly SizeLike[],
    options?: NormalOptions<D>,
  ): Tensor<D> {
    return normal(this.key(), shape, options);
  }

  /** As `bernoulli` with a key of the stream. */
  bernoulli(p: Operand, shape: readonly SizeLike[]): Tensor<"bool"> {
    return bernoulli(this.key(), p, shape);
  }

  /** As `randint` with a key of the stream. @throws ArgumentError RANDINT_RANGE */
  randint(low: Operand, high: Operand, shape: readonly SizeLike[]): Tensor<"int32"> {
    return randint(this.key(), low, high, shape);
  }

  /** As `categorical` with a key of the stream. @throws DTypeError, ShapeError CATEGORICAL */
  categorical(logits: Tensor): Tensor<"int32"> {
    return categorical(this.key(), logits);
  }

  /** As `permutation` with a key of the stream. */
  permutation(n: SizeLike): Tensor<"int32"> {
    return permutation(this.key(), n);
  }

  /** What makes the next call, or the next step, draw other numbers. */
  updates(): Update[] {
    return [[this.state, this.state.add(1)]];
  }
}

/**
 * A stream of random numbers that starts from a seed.
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
