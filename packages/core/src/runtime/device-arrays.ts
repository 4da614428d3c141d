/** Arrays between host and device, and shared variables that live on a device. */
import { ArgumentError, InternalError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import { copyOf, HostHolder } from "../graph/host-holder.ts";
import { NDArray } from "../graph/ndarray.ts";
import { describe, type SharedCell, type SharedHolder, type Tensor } from "../graph/tensor.ts";
import { turnsOf } from "./device-turns.ts";
import type { Device, DeviceArray, DeviceData } from "./device.ts";

/** The elements as a device takes them. */
export function toDevice({ data, dtype }: NDArray): DeviceData {
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  if (data instanceof Uint8Array) return Int32Array.from(data);
  throw new InternalError(`${dtype} has no elements on a device`);
}

export function fromDevice(dtype: DType, shape: readonly number[], data: DeviceData): NDArray {
  return new NDArray<DType>(dtype, shape, dtype === "bool" ? Uint8Array.from(data) : data);
}

/** The value of a shared variable that functions on a device use. */
export class DeviceHolder implements SharedHolder {
  readonly owner: string;
  readonly device: Device;
  readonly array: DeviceArray;
  /** Functions that run on it. */
  users = 1;
  /** How often it was replaced from here. */
  writes = 0;
  readonly #dtype: DType;
  readonly #shape: readonly number[];

  constructor(device: Device, value: NDArray) {
    this.device = device;
    this.owner = device.label;
    this.array = device.allocate(toDevice(value));
    this.#dtype = value.dtype;
    this.#shape = value.shape;
  }

  /** @throws ArgumentError SHARED_ON_DEVICE: a device answers by promise */
  read(): NDArray {
    throw new ArgumentError(
      "SHARED_ON_DEVICE",
      `the value is on ${this.owner}, which answers later`,
      {
        hint: "await variable.read() in place of variable.get()",
      },
    );
  }

  write(value: NDArray): void {
    this.writes++;
    const turns = turnsOf(this.device);
    if (turns.isFree) {
      this.array.write(toDevice(value));
      return;
    }
    const kept = toDevice(copyOf(value));
    void turns.begun(() => Promise.resolve(this.array.write(kept)));
  }

  async readLater(): Promise<NDArray> {
    const data = await turnsOf(this.device).begun(() => this.array.read());
    return fromDevice(this.#dtype, this.#shape, data);
  }
}

/** @throws ArgumentError SHARED_OWNED when the value of a shared variable is kept elsewhere */
export function refuseOwnedElsewhere(device: Device, variable: Tensor): void {
  const { origin } = variable;
  if (origin.kind !== "shared") return;
  const { holder } = origin.cell;
  if (holder.owner === undefined) return;
  if (holder instanceof DeviceHolder && holder.device === device) return;
  throw new ArgumentError(
    "SHARED_OWNED",
    `${describe(variable)} already belongs to ${holder.owner}`,
    {
      notes: [`made at ${variable.site.toString()}`],
      hint: "functions that share a variable run on one backend: compile all of them for it, or dispose() of those of the other; a trainer gives its variables back by close()",
    },
  );
}

/** The array of a shared variable, which moves to the device if it is not there yet, and stays until as many have abandoned it. */
export function adopt(device: Device, cell: SharedCell): DeviceArray {
  const { holder } = cell;
  if (holder instanceof DeviceHolder && holder.device === device) {
    holder.users++;
    return holder.array;
  }
  const moved = new DeviceHolder(device, holder.read());
  cell.holder = moved;
  return moved.array;
}

/** Undoes one `adopt`. After the last the value stays on the device until somebody reads it: then it comes home. */
export function abandon(cell: SharedCell): void {
  const { holder } = cell;
  if (holder instanceof DeviceHolder) holder.users--;
}

/** The present value of a variable, wherever it is. */
export async function readCell(cell: SharedCell): Promise<NDArray> {
  const { holder } = cell;
  if (!(holder instanceof DeviceHolder)) return holder.read();
  const { writes } = holder;
  const value = await holder.readLater();
  // What was written meanwhile is newer, and stays where it is until the next read.
  if (holder.users === 0 && cell.holder === holder && holder.writes === writes) {
    cell.holder = new HostHolder(value);
    holder.array.release();
  }
  return value;
}
