/** The functions of a module that no loop function is: made when first asked for. */
import { InternalError } from "../../../errors/errors.ts";
import type { Program } from "../../../loop-ir/types.ts";
import type { Code, Locals } from "../encoder/code.ts";
import type { ModuleBuilder, Signature } from "../encoder/module.ts";
import { copyTilesSignature, writeCopyTiles } from "./copy-tiles.ts";
import { type IntegerDivision, writeDivision } from "./division.ts";
import { type Element, type Elements, elements, relaxedElements } from "./element.ts";
import { gemmAnySignature, writeGemmAny, writeGemmAnyPacked } from "./gemm-any.ts";
import { gemmSignature, gemmTilesSignature, writeGemm } from "./gemm.ts";
import { gemvTileSignature, writeGemvTile } from "./gemv-tile.ts";
import { gemmColumnsSignature, gemvSignature, writeGemmColumns, writeGemv } from "./gemv.ts";
import type { GemvKind, KernelLibrary, Layout, LayoutOfA, Microkernel } from "./library.ts";
import {
  microEdgeSignature,
  microSignature,
  storeLanesSignature,
  writeMicroEdge,
  writeMicrokernel,
  writeStoreLanes,
} from "./micro.ts";
import { packSignature, writePackKernel } from "./pack.ts";
import type { Tile, Tiles } from "./tile.ts";

type FloatType = "f32" | "f64";

export class Kernels implements KernelLibrary {
  readonly #module: ModuleBuilder;
  readonly #panelWidth: Program["panelWidth"];
  readonly #tiles: Tiles;
  readonly #elements: Elements;
  readonly #made = new Map<string, number>();

  constructor(
    module: ModuleBuilder,
    panelWidth: Program["panelWidth"],
    tiles: Tiles,
    isRelaxed: boolean,
  ) {
    this.#module = module;
    this.#elements = isRelaxed ? relaxedElements : elements;
    this.#panelWidth = panelWidth;
    this.#tiles = tiles;
  }

  /** (x: i32, y: i32) -> i32 */
  division(kind: IntegerDivision): number {
    return this.#make(kind, { params: ["i32", "i32"], results: ["i32"] }, (code, locals) =>
      writeDivision(code, locals, kind),
    );
  }

  /** See `microSignature`. */
  micro(micro: Microkernel): number {
    return this.#make(`micro_${microName(micro)}`, microSignature, (code, locals) =>
      writeMicrokernel(code, locals, micro),
    );
  }

  /** See `microEdgeSignature`. */
  microEdge(micro: Microkernel): number {
    return this.#make(`micro_edge_${microName(micro)}`, microEdgeSignature, (code, locals) =>
      writeMicroEdge(code, locals, micro, this.storeLanes(micro.element)),
    );
  }

  /** See `copyTilesParameters`. */
  copyTiles(element: Element, rows: number): number {
    return this.#make(`copy_tiles_${element.type}_${rows}`, copyTilesSignature, (code, locals) =>
      writeCopyTiles(code, locals, element, rows),
    );
  }

  /** See `writeStoreLanes`. */
  storeLanes(element: Element): number {
    return this.#make(`store_lanes_${element.type}`, storeLanesSignature, (code, locals) =>
      writeStoreLanes(code, locals, element),
    );
  }

  /** See `gemmParameters`, and `gemmTilesParameters` where the kernel copies a; b is packed, or row-major. */
  gemm(type: FloatType, a: LayoutOfA, b: "packed" | "rows"): number {
    const element = this.#elements[type];
    const width = b === "packed" ? this.panelWidth(type) : undefined;
    return this.#make(
      `gemm_${a}_${b}_${type}`,
      a === "tiles" ? gemmTilesSignature : gemmSignature,
      (code, locals) =>
        writeGemm(code, locals, { element, tile: this.tile(element, width), a, width }, this),
    );
  }

  /** See `gemmAnyParameters`: any strides, one element of c at a time. */
  gemmAny(type: FloatType): number {
    return this.#make(`gemm_any_${type}`, gemmAnySignature, (code, locals) =>
      writeGemmAny(code, locals, this.#elements[type]),
    );
  }

  /** The same for a packed b, whose panels it takes one after the other; `bRow` and `bCol` are not used. */
  gemmAnyPacked(type: FloatType): number {
    const width = this.panelWidth(type);
    return this.#make(`gemm_any_packed_${type}`, gemmAnySignature, (code, locals) =>
      writeGemmAnyPacked(code, locals, this.#elements[type], width, this.gemmAny(type)),
    );
  }

  /** See `gemmAnyParameters` without `cCol`: b is consecutive along its columns, c along its rows. */
  gemmColumns(type: FloatType): number {
    return this.#make(`gemm_columns_${type}`, gemmColumnsSignature, (code, locals) =>
      writeGemmColumns(code, locals, this.gemv(type, "columns")),
    );
  }

  /** See `gemvParameters`: a row times b. */
  gemv(type: FloatType, kind: GemvKind): number {
    return this.#make(`gemv_${kind}_${type}`, gemvSignature, (code, locals) =>
      writeGemv(code, locals, this.#elements[type], kind, this),
    );
  }

  /** The part of `gemv` for `vectors` vectors of columns. */
  gemvTile(element: Element, kind: GemvKind, vectors: number): number {
    return this.#make(
      `gemv_${kind}_${element.type}_${vectors * element.lanes}`,
      gemvTileSignature,
      (code, locals) =>
        writeGemvTile(
          code,
          locals,
          element,
          kind,
          vectors,
          this.panelWidth(element.type),
          this.storeLanes(element),
        ),
    );
  }

  /** See `packParameters`. */
  pack(type: FloatType, kind: Layout): number {
    return this.#make(`pack_${kind}_${type}`, packSignature, (code, locals) =>
      writePackKernel(code, locals, this.#elements[type], kind, this.panelWidth(type), () =>
        this.pack(type, "any"),
      ),
    );
  }

  /** Columns of a packed panel. @throws INTERNAL when they are not whole vectors */
  panelWidth(type: FloatType): number {
    const width = this.#panelWidth[type];
    if (width <= 0 || width % this.#elements[type].lanes !== 0)
      throw new InternalError(`panels of ${width} ${type} columns are not whole vectors`);
    return width;
  }

  /** The tile, narrowed until it divides a panel. */
  tile(element: Element, width: number | undefined): Tile {
    const tile = this.#tiles[element.type];
    let vectors = tile.vectors;
    while (width !== undefined && width % (vectors * element.lanes) !== 0) vectors--;
    return { rows: tile.rows, vectors };
  }

  #make(name: string, signature: Signature, write: (code: Code, locals: Locals) => void): number {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const declared = this.#module.declare(name, signature);
    this.#made.set(name, declared.index);
    write(declared.code, declared.locals);
    return declared.index;
  }
}

const microName = ({ element, tile, a, bStep }: Microkernel): string =>
  `${a}_${bStep ?? "any"}_${element.type}_${tile.rows}x${tile.vectors * element.lanes}`;
