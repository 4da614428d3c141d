/** What can be made to go wrong. */

/** A fault to inject, for tests: the first `attempts` attempts at a shard of a step end the worker in this way. */
export interface Fault {
  readonly step: number;
  readonly shard?: number;
  readonly phase?: "shards" | "reduce" | "finish";
  readonly action: "exit" | "throw" | "uncaught";
  readonly attempts?: number;
}
