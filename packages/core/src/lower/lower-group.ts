/** Groups of elementwise results, folds, and kernels with loops of their own. */
import { InternalError } from "../errors/errors.ts";
import type { Apply } from "../graph/op.ts";
import { binary, literal, load, readVar, scalarVar } from "../loop-ir/build.ts";
import { indexOf, indexVar, zeroIndex } from "../loop-ir/index-expr.ts";
import type { Expr, Index, ReduceOp, ScalarType, Statement } from "../loop-ir/types.ts";
import { recordOf, type KernelContext } from "../ops/record.ts";
import { nest, type Axis } from "./collapse.ts";
import type { Group } from "./plan.ts";
import { tensorLabel } from "./program-builder.ts";
import { changedInput, inputOf, outputOf, type Region } from "./region.ts";
import { elementIndex, type View } from "./view.ts";

/** One kernel for all members of a group; members that nobody reads from memory stay in registers. */
export function lowerGroup(region: Region, group: Group): void {
  const index = group.vars.map((v) => indexOf(v));
  const puller = region.puller({ members: group.members, index });
  const axes = group.vars.map((v, axis): Axis => ({
    var: v,
    extent: group.shape[axis] ?? failure("a group without an extent"),
  }));
  const kept = group.members.filter((member) => region.plan.stored.has(member));
  // In order, those that stay in registers too: each is then a short expression over earlier ones.
  const assignments = group.members.map((member) => ({
    value: puller.element(member, index),
    stores: region.plan.stored.has(member)
      ? region
          .destinationsOf(member)
          .map((view) => ({ buffer: view.buffer, index: elementIndex(view, index) }))
      : [],
  }));
  region.elementwise(kept.map(tensorLabel).slice(0, 3).join("_"), axes, assignments);
  for (const member of kept) region.bindEverywhere(member);
}

function failure(message: string): never {
  throw new InternalError(message);
}

/** A fold: the innermost folded axis in the order its place fixes, further folded axes around it one after the other. */
export function lowerReduce(region: Region, apply: Apply): void {
  const { lowering } = recordOf(apply);
  if (lowering.kind !== "reduce") throw new InternalError(`${apply.op.name} is no fold`);
  const input = inputOf(apply, 0);
  const output = outputOf(apply);
  const folded = new Set(lowering.axes(apply));
  const axes = input.shape.map((extent, axis): Axis => ({
    var: indexVar(`${folded.has(axis) ? "r" : "i"}${axis}`),
    extent,
  }));
  const at: Index[] = axes.map((axis) =>
    axis.extent.constant === 1 ? zeroIndex : indexOf(axis.var),
  );
  const value = region.puller().element(input, at);
  const [place] = region.destinationsOf(output);
  if (place === undefined) throw new InternalError("a fold without a place");
  const outIndex = at.flatMap((index, axis) =>
    folded.has(axis) ? (lowering.keepdims(apply) ? [zeroIndex] : []) : [index],
  );
  const kept = axes.filter((axis, i) => !folded.has(i) && axis.extent.constant !== 1);
  const { statements, result } = fold(
    axes.filter((axis, i) => folded.has(i) && axis.extent.constant !== 1),
    value,
    lowering.op,
    folded.has(input.rank - 1) ? "lanes" : "blocks",
  );
  region.kernel(
    tensorLabel(output),
    nest(kept, [
      ...statements,
      { kind: "store", buffer: place.buffer, index: elementIndex(place, outIndex), value: result },
    ]),
  );
  region.finish(output, place);
}

function fold(
  axes: readonly Axis[],
  value: Expr,
  op: ReduceOp,
  order: "lanes" | "blocks",
): { readonly statements: readonly Statement[]; readonly result: Expr } {
  const inner = axes.at(-1);
  if (inner === undefined) return { statements: [], result: value };
  const part = scalarVar("part", value.type);
  const reduce: Statement = {
    kind: "reduce",
    var: part,
    index: inner.var,
    extent: inner.extent,
    op,
    order,
    value,
  };
  if (axes.length === 1) return { statements: [reduce], result: readVar(part) };
  const sum = scalarVar("sum", value.type);
  return {
    statements: [
      { kind: "let", var: sum, value: identityOf(op, value.type) },
      ...nest(
        axes.slice(0, -1),
        [reduce, { kind: "assign", var: sum, value: binary(op, readVar(sum), readVar(part)) }],
        false,
      ),
    ],
    result: readVar(sum),
  };
}

/** The value that changes nothing. */
function identityOf(op: ReduceOp, type: ScalarType): Expr {
  const extreme = type === "i32" ? 0x7fffffff : Infinity;
  switch (op) {
    case "add":
      return literal(type, 0);
    case "mul":
      return literal(type, 1);
    case "and":
      return literal(type, true);
    case "or":
      return literal(type, false);
    case "min":
      return literal(type, extreme);
    case "max":
      return literal(type, type === "i32" ? -0x80000000 : -extreme);
    default:
      return op satisfies never;
  }
}

/** An op that writes its own loops. */
export function lowerKernel(region: Region, apply: Apply): void {
  const { lowering } = recordOf(apply);
  if (lowering.kind !== "kernel") throw new InternalError(`${apply.op.name} is no kernel`);
  const places = apply.outputs.map(
    (output) => region.destinationsOf(output)[0] ?? failure("a kernel without a place"),
  );
  region.kernel(apply.op.name, lowering.kernel(kernelContext(region, apply, places)));
  for (const [i, output] of apply.outputs.entries())
    region.finish(output, places[i] ?? failure("a kernel without a place"));
}

/** An op that changes some elements of its first input: in place when that input lies where the result goes. */
export function lowerUpdate(region: Region, apply: Apply): void {
  const { lowering } = recordOf(apply);
  if (lowering.kind !== "update") throw new InternalError(`${apply.op.name} is no update`);
  const place = placeOfChanged(region, apply);
  region.kernel(apply.op.name, lowering.update(kernelContext(region, apply, [place])));
  region.finish(outputOf(apply), place);
}

/** The place of the result of an application that changes an input, holding that input's value. */
export function placeOfChanged(region: Region, apply: Apply): View {
  const output = outputOf(apply);
  const input = changedInput(apply) ?? failure("nothing to change");
  const held = region.viewOf(input);
  if (held !== undefined && region.isDonated(input, apply) && !region.isResult(output)) return held;
  const [place] = region.destinationsOf(output);
  if (place === undefined) throw new InternalError("an update without a place");
  if (!region.isAt(input, place)) region.storeInto(input, [place]);
  return place;
}

/** Statements that an element op wants run once before anything reads it. */
export function lowerChecks(region: Region, apply: Apply): void {
  const { lowering } = recordOf(apply);
  if (lowering.kind !== "element" || lowering.checks === undefined) return;
  const statements = lowering.checks(kernelContext(region, apply, []));
  if (statements.length > 0) region.kernel(`check_${apply.op.name}`, statements);
}

function kernelContext(
  region: Region,
  apply: Apply,
  places: readonly View[],
): KernelContext<unknown> {
  const puller = region.puller();
  const placeOf = (output: number): View =>
    places[output] ?? failure(`op ${apply.op.name} has no output ${output}`);
  return {
    apply,
    read: (input, index) => puller.element(inputOf(apply, input), index),
    readOutput: (output, index) =>
      load(placeOf(output).buffer, elementIndex(placeOf(output), index)),
    write: (output, index, value) => ({
      kind: "store",
      buffer: placeOf(output).buffer,
      index: elementIndex(placeOf(output), index),
      value,
    }),
    loop: (name, extent, parallel, body) => {
      const v = indexVar(name);
      return { kind: "for", var: v, extent, parallel, body: body(v) };
    },
    fail: (cond, failure) => ({ kind: "fail", cond, code: region.builder.failure(failure) }),
  };
}
