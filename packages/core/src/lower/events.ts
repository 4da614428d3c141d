/** What a program tells its host while it runs. */
import type { DType } from "../graph/dtype.ts";
import type { Size } from "../size/size.ts";

export type HostEvent =
  /** A number: the row that the step of a loop works on; said before each event that is inside of it, outermost loop first. */
  | { readonly kind: "row"; readonly loop: string }
  /** An address: an array to show. */
  | {
      readonly kind: "print";
      readonly label: string;
      readonly dtype: DType;
      readonly shape: readonly Size[];
    }
  /** Work begins or ends that is to be timed. */
  | { readonly kind: "begin" | "end"; readonly work: string };
