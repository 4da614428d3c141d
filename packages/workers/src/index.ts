/** `@scan-train/workers`: data sets, model files and types, for code that runs on every platform and is handed its `createTrainer`. */
export * from "./trainer/public.ts";
