/** Random numbers from keys and counters: the same on every backend, for any number of workers. */
export { bernoulli, normal, randint, randomBits, split, uniform } from "./api/draws.ts";
export { categorical, permutation } from "./api/choices.ts";
export { randomStream, type RandomStream } from "./api/random-stream.ts";
export { foldIn, key } from "./ops/random-key.ts";
export type { NormalOptions, UniformOptions } from "./ops/random.ts";
