/** `@scan-train/workers`: what is the same on every platform. `createTrainer` is in `/node` and `/browser`. */
export * from "./trainer/public.ts";
