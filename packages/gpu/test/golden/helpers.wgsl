var<private> infinity_bits: u32 = 0x7f800000u;

var<private> minus_infinity_bits: u32 = 0xff800000u;

var<private> nan_bits: u32 = 0x7fc00000u;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn is_nonzero(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) != 0u;
}

fn differs(x: f32, y: f32) -> bool {
  return is_nan(x) || is_nan(y) || x != y;
}

fn min_f32(x: f32, y: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_nan(y)) { return y; }
  let same = bitcast<f32>(bitcast<u32>(x) | bitcast<u32>(y));
  return select(select(y, x, x < y), same, x == y);
}

fn max_f32(x: f32, y: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_nan(y)) { return y; }
  let same = bitcast<f32>(bitcast<u32>(x) & bitcast<u32>(y));
  return select(select(y, x, x > y), same, x == y);
}

fn sqrt_f32(x: f32) -> f32 {
  return select(sqrt(x), bitcast<f32>(nan_bits), x < 0.0f);
}

fn exponent_of(x: f32) -> f32 {
  return f32(i32((bitcast<u32>(x) >> 23u) & 0xffu) - 127i);
}

fn mantissa_of(x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x007fffffu) | 0x3f800000u);
}

fn pow2(n: f32) -> f32 {
  if (is_nan(n) || n <= -127.0f) { return 0.0f; }
  return bitcast<f32>(u32(min(n, 128.0f) + 127.0f) << 23u);
}

fn to_i32(x: f32) -> i32 {
  if (is_nan(x)) { return 0i; }
  if (x >= 2147483648.0f) { return 2147483647i; }
  if (x <= -2147483648.0f) { return i32(-2147483648); }
  return i32(x);
}

fn div_i32(x: i32, y: i32) -> i32 {
  return select(x / y, 0i, y == 0i);
}

fn floor_div_i32(x: i32, y: i32) -> i32 {
  if (y == 0i) { return 0i; }
  let quotient = x / y;
  return select(quotient, quotient - 1i, x % y != 0i && (x < 0i) != (y < 0i));
}

fn mod_i32(x: i32, y: i32) -> i32 {
  if (y == 0i) { return 0i; }
  let rest = x % y;
  return select(rest, rest + y, rest != 0i && (rest < 0i) != (y < 0i));
}

fn shift_left(x: i32, n: i32) -> i32 {
  return x << (bitcast<u32>(n) & 31u);
}

fn shift_right(x: i32, n: i32) -> i32 {
  return bitcast<i32>(bitcast<u32>(x) >> (bitcast<u32>(n) & 31u));
}

fn mul_high(x: i32, y: i32) -> i32 {
  let xl = bitcast<u32>(x) & 0xffffu;
  let xh = bitcast<u32>(x) >> 16u;
  let yl = bitcast<u32>(y) & 0xffffu;
  let yh = bitcast<u32>(y) >> 16u;
  let middle = xh * yl + ((xl * yl) >> 16u);
  let carry = (middle & 0xffffu) + xl * yh;
  return bitcast<i32>(xh * yh + (middle >> 16u) + (carry >> 16u));
}

fn record_failure(code: u32) {
  loop {
    let seen = atomicCompareExchangeWeak(&status, 0u, code);
    if (seen.exchanged || seen.old_value != 0u) { break; }
  }
}
