/**
 * WGSL functions for what WGSL leaves open: drivers may assume that no NaN exists, so NaN is told by its bits; literals of infinity and
 * NaN are errors, so their bits come from variables; a division of integers by zero gives 0, as everywhere in loop IR.
 */
interface Helper {
  readonly needs?: readonly HelperName[];
  readonly code: string;
}

export type HelperName = keyof typeof table;

const extremum = (name: string, sign: "<" | ">", bits: "|" | "&"): string => `\
fn ${name}(x: f32, y: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_nan(y)) { return y; }
  let same = bitcast<f32>(bitcast<u32>(x) ${bits} bitcast<u32>(y));
  return select(select(y, x, x ${sign} y), same, x == y);
}`;

const table = {
  infinity_bits: { code: "var<private> infinity_bits: u32 = 0x7f800000u;" },
  minus_infinity_bits: { code: "var<private> minus_infinity_bits: u32 = 0xff800000u;" },
  nan_bits: { code: "var<private> nan_bits: u32 = 0x7fc00000u;" },
  is_nan: {
    code: `\
fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}`,
  },
  is_nonzero: {
    code: `\
fn is_nonzero(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) != 0u;
}`,
  },
  differs: {
    needs: ["is_nan"],
    code: `\
fn differs(x: f32, y: f32) -> bool {
  return is_nan(x) || is_nan(y) || x != y;
}`,
  },
  min_f32: { needs: ["is_nan"], code: extremum("min_f32", "<", "|") },
  max_f32: { needs: ["is_nan"], code: extremum("max_f32", ">", "&") },
  sqrt_f32: {
    needs: ["nan_bits"],
    code: `\
fn sqrt_f32(x: f32) -> f32 {
  return select(sqrt(x), bitcast<f32>(nan_bits), x < 0.0f);
}`,
  },
  exponent_of: {
    code: `\
fn exponent_of(x: f32) -> f32 {
  return f32(i32((bitcast<u32>(x) >> 23u) & 0xffu) - 127i);
}`,
  },
  mantissa_of: {
    code: `\
fn mantissa_of(x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x007fffffu) | 0x3f800000u);
}`,
  },
  pow2: {
    needs: ["is_nan"],
    code: `\
fn pow2(n: f32) -> f32 {
  if (is_nan(n) || n <= -127.0f) { return 0.0f; }
  return bitcast<f32>(u32(min(n, 128.0f) + 127.0f) << 23u);
}`,
  },
  to_i32: {
    needs: ["is_nan"],
    code: `\
fn to_i32(x: f32) -> i32 {
  if (is_nan(x)) { return 0i; }
  if (x >= 2147483648.0f) { return 2147483647i; }
  if (x <= -2147483648.0f) { return i32(-2147483648); }
  return i32(x);
}`,
  },
  div_i32: {
    code: `\
fn div_i32(x: i32, y: i32) -> i32 {
  return select(x / y, 0i, y == 0i);
}`,
  },
  floor_div_i32: {
    code: `\
fn floor_div_i32(x: i32, y: i32) -> i32 {
  if (y == 0i) { return 0i; }
  let quotient = x / y;
  return select(quotient, quotient - 1i, x % y != 0i && (x < 0i) != (y < 0i));
}`,
  },
  mod_i32: {
    code: `\
fn mod_i32(x: i32, y: i32) -> i32 {
  if (y == 0i) { return 0i; }
  let rest = x % y;
  return select(rest, rest + y, rest != 0i && (rest < 0i) != (y < 0i));
}`,
  },
  shift_left: {
    code: `\
fn shift_left(x: i32, n: i32) -> i32 {
  return x << (bitcast<u32>(n) & 31u);
}`,
  },
  shift_right: {
    code: `\
fn shift_right(x: i32, n: i32) -> i32 {
  return bitcast<i32>(bitcast<u32>(x) >> (bitcast<u32>(n) & 31u));
}`,
  },
  mul_high: {
    code: `\
fn mul_high(x: i32, y: i32) -> i32 {
  let xl = bitcast<u32>(x) & 0xffffu;
  let xh = bitcast<u32>(x) >> 16u;
  let yl = bitcast<u32>(y) & 0xffffu;
  let yh = bitcast<u32>(y) >> 16u;
  let middle = xh * yl + ((xl * yl) >> 16u);
  let carry = (middle & 0xffffu) + xl * yh;
  return bitcast<i32>(xh * yh + (middle >> 16u) + (carry >> 16u));
}`,
  },
  record_failure: {
    code: `\
fn record_failure(code: u32) {
  loop {
    let seen = atomicCompareExchangeWeak(&status, 0u, code);
    if (seen.exchanged || seen.old_value != 0u) { break; }
  }
}`,
  },
} as const satisfies Readonly<
  Record<string, { readonly needs?: readonly string[]; readonly code: string }>
>;

const helpers: Readonly<Record<HelperName, Helper>> = table;

/** Every name that a helper has. */
export const helperNames: readonly string[] = Object.keys(table);

/** The definitions of the helpers and of what they need, in the order of the table. */
export function helperCode(used: ReadonlySet<HelperName>): readonly string[] {
  const wanted = new Set<string>();
  const want = (name: HelperName): void => {
    wanted.add(name);
    for (const need of helpers[name].needs ?? []) want(need);
  };
  used.forEach(want);
  return Object.entries(helpers).flatMap(([name, { code }]) => (wanted.has(name) ? [code] : []));
}
