/** Which of the user's tensors a device has no type for, found before their names are lost in loops. */
import { describe, type Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import type { Device } from "../runtime/device.ts";
import type { NamedGraph } from "./compile-graph.ts";

/**
 * @param results of the graph, outputs first, as the passes left them: what they took away asks for no type
 * @throws UnsupportedError for what the device lacks
 */
export function checkTypes(
  label: string,
  { inputs, outputs }: NamedGraph,
  results: readonly Tensor[],
  device: Device,
): void {
  if (device.checkType === undefined) return;
  const called = new Map<Tensor, string>();
  for (const [i, [name]] of outputs.entries()) {
    const tensor = results[i];
    if (tensor !== undefined) called.set(tensor, `output "${name}"`);
  }
  for (const [name, tensor] of inputs) called.set(tensor, `input "${name}"`);
  for (const tensor of tensorsOf(results))
    device.checkType(tensor.dtype, () => ({
      what: `${label}: ${called.get(tensor) ?? nameOf(tensor)}`,
      made: tensor.site.toString(),
      isVariable: tensor.origin.kind === "shared",
    }));
}

function nameOf(tensor: Tensor): string {
  const { name, origin } = tensor;
  if (origin.kind === "shared")
    return name === undefined ? "a shared variable" : `shared variable "${name}"`;
  if (name !== undefined || origin.kind !== "apply") return describe(tensor);
  const { op } = origin.apply;
  return `result of ${op.spoken ?? op.name}`;
}

/** What a graph computes and what it computes it from, in the order of computing; blocks after the graph that holds them. */
function* tensorsOf(results: readonly Tensor[]): Generator<Tensor> {
  const seen = new Set<Tensor>();
  const pending: (readonly Tensor[])[] = [results];
  for (let outputs = pending.shift(); outputs !== undefined; outputs = pending.shift()) {
    for (const { inputs, outputs: computed, blocks } of toposort(outputs)) {
      for (const tensor of [...inputs, ...computed]) {
        if (seen.has(tensor)) continue;
        seen.add(tensor);
        yield tensor;
      }
      for (const block of blocks) pending.push(block.outputs);
    }
    for (const tensor of outputs) if (!seen.has(tensor)) yield tensor;
  }
}
