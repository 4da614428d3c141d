/** What a graph is made from, and whether its rows stay apart. Knows no op: only shapes and edges. */
import { Shared, type Tensor } from "@scan-train/core";
import { sizeSymbols } from "@scan-train/core/backend-kit";

/** Every tensor that `outputs` depend on, inputs before users, outside of blocks. */
function reached(outputs: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const done = new Set<Tensor>();
  const stack: { readonly tensor: Tensor; next: number }[] = [];
  const visit = (tensor: Tensor): void => {
    if (done.has(tensor)) return;
    done.add(tensor);
    stack.push({ tensor, next: 0 });
  };
  for (const output of outputs) {
    visit(output);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { origin } = top.tensor;
      const input = origin.kind === "apply" ? origin.apply.inputs[top.next++] : undefined;
      if (input !== undefined) visit(input);
      else {
        order.push(top.tensor);
        stack.pop();
      }
    }
  }
  return order;
}

/** The shared variables that `outputs` depend on, in order of first use. */
export function sharedOf(outputs: readonly Tensor[]): Shared[] {
  return reached(outputs).filter((t) => t instanceof Shared);
}

/** Those of `inputs` that `outputs` depend on, by name. */
export function usedInputs(
  inputs: ReadonlyMap<string, Tensor>,
  outputs: readonly Tensor[],
): Record<string, Tensor> {
  const found = new Set(reached(outputs));
  return Object.fromEntries([...inputs].filter(([, tensor]) => found.has(tensor)));
}

/**
 * A floating-point value that depends on the rows and has no axis for them: it mixes sequences. Undefined when there is none
 * outside of loops.
 */
export function mixingTensor(
  outputs: readonly Tensor[],
  rows: ReadonlySet<Tensor>,
): Tensor | undefined {
  const perRow = new Set<Tensor>();
  for (const tensor of reached(outputs)) {
    const { origin } = tensor;
    const depends =
      rows.has(tensor) ||
      (origin.kind === "apply" && origin.apply.inputs.some((x) => perRow.has(x)));
    if (!depends) continue;
    perRow.add(tensor);
    const floating = tensor.dtype === "float32" || tensor.dtype === "float64";
    if (floating && !tensor.shape.some((size) => sizeSymbols(size).has("B"))) return tensor;
  }
  return undefined;
}
