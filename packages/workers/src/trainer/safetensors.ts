/**
 * The safetensors format: the length of a JSON header (8 bytes, little-endian), the header, the bytes of the tensors.
 * https://github.com/huggingface/safetensors. Keys are sorted, so that equal models are equal files.
 */
import { ArgumentError, NDArray, type DType } from "@scan-train/core";

const formatOf: Readonly<Record<DType, string>> = {
  float32: "F32",
  float64: "F64",
  int32: "I32",
  bool: "BOOL",
};
const bytesOf: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 };
const alignment = 8;

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, NDArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of a file with these tensors. */
export function encodeTensors({ tensors, metadata }: TensorFile): Uint8Array {
  const names = [...tensors.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const header: Record<string, unknown> = {};
  const keys = Object.keys(metadata).sort((a, b) => (a < b ? -1 : 1));
  if (keys.length > 0)
    header["__metadata__"] = Object.fromEntries(keys.map((key) => [key, metadata[key]]));
  let offset = 0;
  const pieces: Uint8Array[] = [];
  for (const name of names) {
    const value = tensors.get(name);
    if (value === undefined) continue;
    const { dtype, shape, data } = value;
    header[name] = {
      dtype: formatOf[dtype],
      shape,
      data_offsets: [offset, offset + data.byteLength],
    };
    pieces.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const padded = Math.ceil(json.length / alignment) * alignment;
  const bytes = new Uint8Array(alignment + padded + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, alignment, alignment + padded);
  bytes.set(json, alignment);
  let at = alignment + padded;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** What a file holds. `label` names it in messages. @throws ArgumentError FILE_CORRUPT */
export function decodeTensors(bytes: Uint8Array, label: string): TensorFile {
  const corrupt = (what: string): ArgumentError =>
    new ArgumentError("FILE_CORRUPT", `${label} ${what}`, {
      hint: "it was cut off or is no safetensors file: take another one, or train again",
    });
  if (bytes.length < alignment) throw corrupt(`has only ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.length - alignment) throw corrupt("ends inside its header");
  const header = parseHeader(bytes.subarray(alignment, alignment + length));
  if (header === undefined) throw corrupt("has a header that is not JSON");
  const tensors = new Map<string, NDArray>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") metadata = stringsOf(entry);
    else {
      const value = readTensor(entry, bytes.subarray(alignment + length));
      if (value === undefined) throw corrupt(`does not hold "${name}" as its header says`);
      tensors.set(name, value);
    }
  }
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function stringsOf(entry: unknown): Record<string, string> {
  if (typeof entry !== "object" || entry === null) return {};
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, String(value)]));
}

function readTensor(entry: unknown, body: Uint8Array): NDArray | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  if (!("dtype" in entry && "shape" in entry && "data_offsets" in entry)) return undefined;
  const { dtype: format, shape, data_offsets: offsets } = entry;
  const dtype = (["float32", "float64", "int32", "bool"] as const).find(
    (d) => formatOf[d] === format,
  );
  if (dtype === undefined || !isNumbers(shape) || !isNumbers(offsets)) return undefined;
  const [from = 0, to = 0] = offsets;
  const size = shape.reduce((n, d) => n * d, 1);
  if (to - from !== size * bytesOf[dtype] || from < 0 || to > body.length) return undefined;
  // A copy: offsets of a typed array must be multiples of its element, and Node's Buffer shares when sliced.
  const { buffer } = new Uint8Array(body.subarray(from, to));
  const data = {
    float32: () => new Float32Array(buffer),
    float64: () => new Float64Array(buffer),
    int32: () => new Int32Array(buffer),
    bool: () => new Uint8Array(buffer),
  }[dtype]();
  return new NDArray<DType>(dtype, shape, data);
}

function isNumbers(x: unknown): x is readonly number[] {
  return Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && n >= 0);
}
