/** How work is shared among invocations. */
import type { Size, Statement } from "@scan-train/core/backend-kit";
import type { Block } from "./block.ts";

/** What invocations, or workgroups, share among them. */
export interface Grid {
  /** No axes: one invocation does all. */
  readonly axes: readonly { readonly name: string; readonly extent: Size }[];
  /** What is written, for finding out what it uses more than once. */
  readonly facts: readonly Statement[];
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /** One workgroup, and not one invocation, for each point of the axes. */
  readonly workgroups?: Size;
  /** `at`: the texts of the place along the axes; `local`: that of the invocation in its workgroup. */
  readonly write: (block: Block, at: readonly string[], local: string) => void;
}
