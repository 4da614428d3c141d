/** Constants in WGSL. */
import type { ReduceOp } from "@scan-train/core/backend-kit";
import type { GpuType } from "./device-traits.ts";
import type { UseHelper } from "./scalar-ops.ts";

/** A constant of the type. */
export function writeLiteral(type: GpuType, value: number, use: UseHelper): string {
  switch (type) {
    case "f32":
      return floatLiteral(value, use);
    case "i32":
      return value === -0x80000000 ? "i32(-2147483648)" : `${value}i`;
    case "bool":
      return `${value !== 0}`;
    default:
      return type satisfies never;
  }
}

function floatLiteral(value: number, use: UseHelper): string {
  if (Number.isNaN(value)) return `bitcast<f32>(${use("nan_bits")})`;
  if (value === Infinity) return `bitcast<f32>(${use("infinity_bits")})`;
  if (value === -Infinity) return `bitcast<f32>(${use("minus_infinity_bits")})`;
  if (Object.is(value, -0)) return "bitcast<f32>(0x80000000u)";
  const text = String(value);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** The value that a fold begins with: it changes no other. */
export function writeIdentity(op: ReduceOp, type: GpuType, use: UseHelper): string {
  const extreme = type === "i32" ? [0x7fffffff, -0x80000000] : [Infinity, -Infinity];
  switch (op) {
    case "add":
    case "or":
      return writeLiteral(type, 0, use);
    case "mul":
    case "and":
      return writeLiteral(type, 1, use);
    case "min":
      return writeLiteral(type, extreme[0] ?? 0, use);
    case "max":
      return writeLiteral(type, extreme[1] ?? 0, use);
    default:
      return op satisfies never;
  }
}
