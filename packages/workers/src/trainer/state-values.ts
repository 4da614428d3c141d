/** Shared variables while a trainer owns them: their values as bytes, and who says so. */
import { ArgumentError, NDArray, type DType, type Shared } from "@scan-train/core";
import { bytesOf, HostHolder, type SharedHolder } from "@scan-train/core/backend-kit";

type Elements = Float32Array | Float64Array | Int32Array;

/** Elements of a dtype in a memory, bool as int32. */
function elementsAt(
  buffer: ArrayBufferLike,
  dtype: DType,
  address: number,
  length: number,
): Elements {
  switch (dtype) {
    case "float32":
      return new Float32Array(buffer, address, length);
    case "float64":
      return new Float64Array(buffer, address, length);
    case "int32":
    case "bool":
      return new Int32Array(buffer, address, length);
    default:
      return dtype satisfies never;
  }
}

const shapeOf = (variable: Shared): number[] => variable.shape.map((size) => size.constant ?? 0);

/** How many elements a variable has. */
export const elementsOf = (variable: Shared): number =>
  shapeOf(variable).reduce((n, d) => n * d, 1);

/** Bytes of a variable in a memory. */
export const stateBytes = (variable: Shared): number =>
  Math.max(1, elementsOf(variable)) * bytesOf[variable.dtype];

/** A copy of the value at `address`. */
export function readValue(buffer: ArrayBufferLike, variable: Shared, address: number): NDArray {
  const { dtype } = variable;
  const data = elementsAt(buffer, dtype, address, elementsOf(variable)).slice();
  return new NDArray<DType>(
    dtype,
    shapeOf(variable),
    dtype === "bool" ? Uint8Array.from(data) : data,
  );
}

export function writeValue(
  buffer: ArrayBufferLike,
  { dtype, data }: NDArray,
  address: number,
): void {
  elementsAt(buffer, dtype, address, data.length).set(data);
}

/** What a trainer does with the variables that it owns. */
export interface Owner {
  read(variable: Shared): NDArray;
  write(variable: Shared, value: NDArray): void;
}

/** Moves the variables to a trainer. @throws ArgumentError SHARED_OWNED */
export function takeOver(variables: readonly Shared[], owner: Owner): void {
  for (const variable of variables) refuseOwned(variable);
  for (const variable of variables) {
    const holder: SharedHolder = {
      owner: "a trainer",
      read: () => owner.read(variable),
      write: (value) => {
        owner.write(variable, value);
      },
    };
    const value = variable.cell.holder.read();
    owner.write(variable, value);
    variable.cell.holder = holder;
  }
}

/** Gives the variables their values back, in memory of their own. */
export function giveBack(variables: readonly Shared[], owner: Owner): void {
  for (const variable of variables) variable.cell.holder = new HostHolder(owner.read(variable));
}

function refuseOwned({ name, site, cell }: Shared): void {
  const { owner } = cell.holder;
  if (owner === undefined) return;
  throw new ArgumentError("SHARED_OWNED", `variable "${name ?? "?"}" already belongs to ${owner}`, {
    notes: [`made at ${site.toString()}`],
    hint: "close() the other trainer, or dispose() of the functions compiled from the variable; they may be compiled again after close() of this one",
  });
}

/** Steps are going through. */
export function beingTrained({ name }: Shared): ArgumentError {
  return new ArgumentError("TRAINER_BUSY", `variable "${name ?? "?"}" is being trained`, {
    hint: "set values before fit, or at the end of an epoch",
  });
}
