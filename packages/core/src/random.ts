/** Random numbers from keys and counters: the same on every backend, for any number of workers. */
export { foldIn, key, split } from "./ops/random-key.ts";
export {
  bernoulli,
  normal,
  randint,
  randomBits,
  uniform,
  type NormalOptions,
  type UniformOptions,
} from "./ops/random.ts";
