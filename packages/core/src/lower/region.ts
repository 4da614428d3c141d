/**
 * One region being lowered: the whole function, or one step of a loop. It knows where every tensor lies and collects statements.
 * How single ops become statements is in the files beside this one.
 */
import { InternalError } from "../errors/errors.ts";
import { ownerOf, type Apply } from "../graph/op.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { load } from "../loop-ir/build.ts";
import { indexOf, indexVar } from "../loop-ir/index-expr.ts";
import type { Expr, Index, IndexVar, Statement } from "../loop-ir/types.ts";
import { recordOf } from "../ops/record.ts";
import { collapse, nest } from "./collapse.ts";
import { assemblersOf, type Plan } from "./plan.ts";
import type { ProgramBuilder } from "./program-builder.ts";
import { tensorLabel } from "./program-builder.ts";
import { indexKey, Puller, viewStep, type ViewStep } from "./pull.ts";
import {
  elementIndex,
  invertView,
  isDense,
  mapView,
  reshapeView,
  subView,
  type View,
} from "./view.ts";

/** A tensor of an outer region that is not stored: its elements are computed where they are used. */
export type ElementOf = (index: readonly Index[]) => Expr;

export interface LoopRow {
  readonly loop: string;
  readonly row: Index;
}

export class Region {
  readonly builder: ProgramBuilder;
  readonly parent: Region | undefined;
  /** Variables of the loops around this region, outermost first. */
  readonly loops: readonly IndexVar[];
  /** What their steps work on, by the words that users know the loops by. */
  readonly rows: readonly LoopRow[];
  readonly body: Statement[] = [];
  /** Tensors of this region that stand for an unchanging tensor of the parent. */
  readonly outer = new Map<Tensor, Tensor>();
  /** Bound tensors whose memory may be overwritten by their last user. */
  readonly donated = new Set<Tensor>();
  readonly packs = new Map<string, View["buffer"]>();
  readonly #views = new Map<Tensor, View>();
  /** Where else a tensor lies. */
  readonly #copies = new Map<Tensor, readonly View[]>();
  readonly #elements = new Map<Tensor, ElementOf>();
  readonly #destinations = new Map<Tensor, readonly View[]>();
  #plan: Plan | undefined;

  /** A whole function; `around` makes it one step of a loop of another region. */
  constructor(
    builder: ProgramBuilder,
    around?: {
      readonly parent: Region;
      readonly step: IndexVar;
      readonly rows: readonly LoopRow[];
    },
  ) {
    this.builder = builder;
    this.loops = around === undefined ? [] : [...around.parent.loops, around.step];
    this.rows = around?.rows ?? [];
    this.parent = around?.parent;
  }

  get plan(): Plan {
    if (this.#plan === undefined) throw new InternalError("a region without a plan");
    return this.#plan;
  }

  begin(plan: Plan, destinations: ReadonlyMap<Tensor, readonly View[]>): void {
    this.#plan = plan;
    for (const [tensor, views] of destinations) this.#destinations.set(tensor, views);
  }

  bindView(tensor: Tensor, view: View): void {
    this.#views.set(tensor, view);
  }
  bindElements(tensor: Tensor, element: ElementOf): void {
    this.#elements.set(tensor, element);
  }

  /** Where the tensor lies, if it lies anywhere: bound, computed already, constant, or a view of such. */
  viewOf(tensor: Tensor): View | undefined {
    // Views of views are followed in a loop, so that the length of a chain costs no stack.
    const chain: { readonly tensor: Tensor; readonly step: ViewStep }[] = [];
    let at = tensor;
    for (let step = this.#viewStep(at); step !== undefined; step = this.#viewStep(at)) {
      chain.push({ tensor: at, step });
      at = step.input;
    }
    let view = this.#baseView(at);
    for (let link = chain.pop(); link !== undefined && view !== undefined; link = chain.pop()) {
      view = mapView(view, link.tensor.shape, link.step.index);
      this.#views.set(link.tensor, view);
    }
    return view;
  }

  /** What a view shows that has no place yet. */
  #viewStep(tensor: Tensor): ViewStep | undefined {
    return this.#views.has(tensor) || this.#elements.has(tensor) ? undefined : viewStep(tensor);
  }

  #baseView(tensor: Tensor): View | undefined {
    const known = this.#views.get(tensor);
    if (known !== undefined) return known;
    if (this.#elements.has(tensor)) return undefined;
    const { origin } = tensor;
    if (origin.kind === "constant")
      return tensor.rank === 0 ? undefined : this.builder.constant(origin.value);
    return origin.kind === "apply" ? undefined : this.parent?.viewOf(tensor);
  }

  /** Computes elements, loading what is stored. `own` computes the members of the group in work at their own element. */
  puller(own?: { readonly members: readonly Tensor[]; readonly index: readonly Index[] }): Puller {
    const members = new Set(own?.members);
    const key = own === undefined ? undefined : indexKey(own.index);
    return new Puller({
      stored: (tensor, index) => {
        if (members.has(tensor) && indexKey(index) === key) return undefined;
        const view = this.viewOf(tensor);
        if (view !== undefined) return load(view.buffer, elementIndex(view, index));
        return (
          this.#elements.get(tensor)?.(index) ??
          (tensor.origin.kind === "input"
            ? this.parent?.puller().element(tensor, index)
            : undefined)
        );
      },
    });
  }

  /** Where results of this region go; the first place is where the tensor is made. */
  destinationsOf(tensor: Tensor): readonly View[] {
    const known = this.#destinations.get(tensor);
    if (known !== undefined) return known;
    // A chain of updates shares one place: found at its end, so that its length costs no stack.
    const chain = [tensor];
    for (let next = this.#updatedFrom(tensor); next !== undefined; next = this.#updatedFrom(next))
      chain.push(next);
    const last = chain.at(-1) ?? tensor;
    const places = this.#placesInUsers(last);
    const made = places.length > 0 ? places : [this.temporary(last)];
    for (const x of chain) this.#destinations.set(x, made);
    return made;
  }

  /** The tensor that the only user of this one makes of it in place, when no place is meant for that yet. */
  #updatedFrom(tensor: Tensor): Tensor | undefined {
    const user = this.soleUser(tensor);
    const [output] = user?.outputs ?? [];
    return user === undefined || output === undefined || this.#destinations.has(output)
      ? undefined
      : changedInput(user) === tensor
        ? output
        : undefined;
  }

  /** Parts of the memory of what is put together of it, else of its only user, where that shows it or changes it. */
  #placesInUsers(tensor: Tensor): readonly View[] {
    const assemblers = assemblersOf(this.plan, tensor);
    if (assemblers.length === 0) return [this.#placeInUser(tensor)].filter((x) => x !== undefined);
    const places = assemblers.map((user) => this.#placeOfPiece(tensor, user));
    return places.every((place) => place !== undefined) ? places : [];
  }

  #placeOfPiece(piece: Tensor, user: Apply): View | undefined {
    const { lowering } = recordOf(user);
    if (lowering.kind !== "assemble") return undefined;
    const start = lowering.offsets(user)[user.inputs.indexOf(piece)];
    const [whole] = this.destinationsOf(outputOf(user));
    return start === undefined || whole === undefined
      ? undefined
      : subView(whole, start, piece.shape);
  }

  #placeInUser(tensor: Tensor): View | undefined {
    const user = this.soleUser(tensor);
    const output = user?.outputs[0];
    if (user === undefined || output === undefined) return undefined;
    const { lowering } = recordOf(user);
    if (lowering.kind === "reshape" || lowering.kind === "view") {
      const whole = this.#placeOf(output);
      if (whole === undefined) return undefined;
      return lowering.kind === "reshape"
        ? reshapeView(whole, tensor.shape)
        : invertView(whole, tensor.shape, (index) => lowering.view(user, index));
    }
    return undefined;
  }

  /** The place that is meant for a tensor, when there is one. */
  #placeOf(tensor: Tensor): View | undefined {
    return (
      (this.#destinations.get(tensor) ?? [])[0] ??
      (this.plan.users.has(tensor) ? this.#placesInUsers(tensor)[0] : undefined)
    );
  }

  /** The application that alone reads the tensor, and once, when nothing else needs it. */
  soleUser(tensor: Tensor): Apply | undefined {
    const users = this.plan.users.get(tensor) ?? [];
    const [user] = users;
    return users.length === 1 && !this.isResult(tensor) ? user : undefined;
  }

  /** True when `user` alone reads the tensor, and the memory it looks at may be overwritten. */
  isDonated(tensor: Tensor, user: Apply): boolean {
    if (this.soleUser(tensor) !== user) return false;
    if (this.donated.has(tensor)) return true;
    const apply = ownerOf(tensor);
    return (
      apply !== undefined &&
      recordOf(apply).lowering.kind === "view" &&
      this.isDonated(inputOf(apply, 0), apply)
    );
  }

  isResult(tensor: Tensor): boolean {
    return this.plan.results.has(tensor);
  }

  /** Says that a tensor was made at all of its destinations. */
  bindEverywhere(tensor: Tensor): void {
    const places = this.destinationsOf(tensor);
    const [first] = places;
    if (first === undefined) throw new InternalError(`${describe(tensor)} has no place`);
    this.#views.set(tensor, first);
    this.#copies.set(tensor, places);
  }

  /** True when the tensor was made at this very place. */
  isAt(tensor: Tensor, place: View): boolean {
    const view = this.viewOf(tensor);
    const places = this.#copies.get(tensor) ?? [];
    return [view, ...places].some((at) => at !== undefined && samePlace(at, place));
  }

  /** True when the tensor lies alone in memory of this region that nothing else looks at. */
  ownsPlace(tensor: Tensor): boolean {
    const apply = ownerOf(tensor);
    if (apply === undefined || this.isResult(tensor)) return false;
    const { kind } = recordOf(apply).lowering;
    if (kind === "reshape") {
      const input = inputOf(apply, 0);
      return this.soleUser(input) === apply && this.ownsPlace(input);
    }
    return (
      kind === "scalar" ||
      kind === "matmul" ||
      kind === "reduce" ||
      kind === "kernel" ||
      kind === "prefix"
    );
  }

  isUsed(tensor: Tensor): boolean {
    return this.plan.users.has(tensor) || this.isResult(tensor);
  }

  /** New memory for one tensor, free again after its last use. */
  temporary(tensor: Tensor): View {
    const view = this.builder.bufferFor(tensor, "temporary");
    this.builder.setHome(view.buffer, this.loops.at(-1));
    return view;
  }

  /** The tensor in memory, dense when asked; computes or copies it when it is not there yet. */
  materialize(tensor: Tensor, dense = false): View {
    const view = this.viewOf(tensor);
    if (view !== undefined && (!dense || isDense(view))) return view;
    const place = this.temporary(tensor);
    this.storeInto(tensor, [place]);
    if (view === undefined && ownerOf(tensor) !== undefined) this.#views.set(tensor, place);
    return place;
  }

  /** Computes every element of the tensor into the given places. */
  storeInto(tensor: Tensor, places: readonly View[]): void {
    const axes = tensor.shape.map((extent, axis) => ({ var: indexVar(`i${axis}`), extent }));
    const index = axes.map((axis) => indexOf(axis.var));
    const value = this.puller().element(tensor, index);
    this.elementwise(tensorLabel(tensor), axes, [
      {
        value,
        stores: places.map((view) => ({ buffer: view.buffer, index: elementIndex(view, index) })),
      },
    ]);
  }

  /** Puts a tensor that no step makes into its places, unless it was made there. */
  copyTo(tensor: Tensor, places: readonly View[]): void {
    const missing = places.filter((place) => !this.isAt(tensor, place));
    if (missing.length > 0) this.storeInto(tensor, missing);
  }

  /** One kernel that computes all values of an element before it stores any. */
  elementwise(
    name: string,
    axes: Parameters<typeof collapse>[0],
    assignments: Parameters<typeof collapse>[1],
  ): void {
    const flat = collapse(axes, assignments);
    const lets = flat.assignments.map(({ value, stores }, i) => ({
      var: { kind: "scalarVar" as const, name: `v${i}`, type: value.type },
      value,
      stores,
    }));
    const body: Statement[] = lets.map((l) => ({ kind: "let", var: l.var, value: l.value }));
    for (const l of lets)
      for (const s of l.stores)
        body.push({ kind: "store", ...s, value: { kind: "read", type: l.var.type, var: l.var } });
    this.kernel(name, nest(flat.axes, body));
  }

  /** Appends a call of a new function with this body. */
  kernel(name: string, body: readonly Statement[]): void {
    if (body.length > 0) this.body.push(this.builder.kernel(name, this.loops, body));
  }

  /** Records where a computed result lies and copies it to its further destinations. */
  finish(tensor: Tensor, made: View): void {
    this.#views.set(tensor, made);
    for (const place of this.#destinations.get(tensor) ?? [])
      if (!samePlace(place, made)) this.storeInto(tensor, [place]);
  }
}

/** True when two views of equal shape show the same memory. */
function samePlace(a: View, b: View): boolean {
  return (
    a.buffer === b.buffer &&
    indexKey([a.offset]) === indexKey([b.offset]) &&
    a.shape.every(
      (size, axis) => size.constant === 1 || a.strides[axis]?.key === b.strides[axis]?.key,
    )
  );
}

/** The input that an application may turn into its result in place. */
export function changedInput(apply: Apply): Tensor | undefined {
  const { kind } = recordOf(apply).lowering;
  return kind === "update" ? apply.inputs[0] : kind === "matmul" ? apply.inputs[2] : undefined;
}

/** @throws InternalError when an op has fewer inputs than its record promises */
export function inputOf(apply: Apply, i: number): Tensor {
  const input = apply.inputs[i];
  if (input === undefined) throw new InternalError(`op ${apply.op.name} has no input ${i}`);
  return input;
}

/** The single result of an application. */
export function outputOf(apply: Apply): Tensor {
  const [output] = apply.outputs;
  if (output === undefined || apply.outputs.length !== 1)
    throw new InternalError(
      `op ${apply.op.name}: ${apply.outputs.map(describe).join(", ")} is not one result`,
    );
  return output;
}
