/** Parameters of kernels, which all are 32-bit integers, by name. */
import type { Local, Locals } from "../encoder/code.ts";
import type { Signature } from "../encoder/module.ts";

export type Named<Name extends string> = Readonly<Record<Name, Local>>;

/** The signature of a kernel that has these parameters and gives nothing back. */
export function integersIn(names: readonly string[]): Signature {
  return { params: names.map(() => "i32" as const), results: [] };
}

export function named<Name extends string>(names: readonly Name[], locals: Locals): Named<Name> {
  return Object.fromEntries(names.map((name, place) => [name, locals.param(place)])) as Named<Name>;
}

/**
 * Parameters of a microkernel. Strides are in bytes. `tiles` tiles of rows follow each other down a and c. `b` holds `depth` rows of the
 * tile's columns, `bStep` apart. The block is added to c where `add` is not 0, else stored.
 * `aCol` is not read where it follows from the layout of a, nor `bStep` where it is part of the kernel.
 */
export const microParameters = [
  "a",
  "aRow",
  "aCol",
  "b",
  "bStep",
  "c",
  "cRow",
  "depth",
  "tiles",
  "add",
] as const;
export type MicroParameters = Named<(typeof microParameters)[number]>;
