// broadcastTo

struct Sizes {
  n_50xB: i32,
}
@group(1) @binding(0) var<uniform> sizes: Sizes;

@group(0) @binding(0) var<storage, read_write> h_t_1: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let invocation = i32((group.y * groups.x + group.x) * 64u + local);
  if (invocation >= sizes.n_50xB) { return; }
  let i1 = invocation;
  let v0 = 0.0f;
  h_t_1[i1] = v0;
}

// run_matmul_0

struct Sizes {
  n_13xceilDiv_B_4: i32,
  n_7xB: i32,
  B: i32,
}
@group(1) @binding(0) var<uniform> sizes: Sizes;

struct Params {
  t: i32,
}
@group(1) @binding(1) var<uniform> params: Params;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> Wx: array<f32>;
@group(0) @binding(2) var<storage, read_write> matmul: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let invocation = i32((group.y * groups.x + group.x) * 64u + local);
  if (invocation >= sizes.n_13xceilDiv_B_4) { return; }
  let tile_i = invocation / 13;
  let tile_j = invocation % 13;
  let i = 4 * tile_i;
  let j = 4 * tile_j;
  let i_0 = i;
  let i_1 = min(i + 1, sizes.B - 1);
  let i_2 = min(i + 2, sizes.B - 1);
  let i_3 = min(i + 3, sizes.B - 1);
  let j_0 = j;
  let j_1 = min(j + 1, 50 - 1);
  let j_2 = min(j + 2, 50 - 1);
  let j_3 = min(j + 3, 50 - 1);
  var total_0 = vec4(0.0f);
  var total_1 = vec4(0.0f);
  var total_2 = vec4(0.0f);
  var total_3 = vec4(0.0f);
  for (var start = 0; start < 7; start += 256) {
    var sum_0 = vec4(0.0f); var sum_1 = vec4(0.0f); var sum_2 = vec4(0.0f); var sum_3 = vec4(0.0f);
    for (var p = start; p < min(start + 256, 7); p++) {
      let right = vec4(Wx[50 * p + j_0], Wx[50 * p + j_1], Wx[50 * p + j_2], Wx[50 * p + j_3]);
      sum_0 = sum_0 + x[sizes.n_7xB * params.t + 7 * i_0 + p] * right;
      sum_1 = sum_1 + x[sizes.n_7xB * params.t + 7 * i_1 + p] * right;
      sum_2 = sum_2 + x[sizes.n_7xB * params.t + 7 * i_2 + p] * right;
      sum_3 = sum_3 + x[sizes.n_7xB * params.t + 7 * i_3 + p] * right;
    }
    total_0 = total_0 + sum_0; total_1 = total_1 + sum_1; total_2 = total_2 + sum_2; total_3 = total_3 + sum_3;
  }
  matmul[50 * i_0 + j_0] = total_0[0];
  if (j + 1 < 50) {
    matmul[50 * i_0 + j_1] = total_0[1];
  }
  if (j + 2 < 50) {
    matmul[50 * i_0 + j_2] = total_0[2];
  }
  if (j + 3 < 50) {
    matmul[50 * i_0 + j_3] = total_0[3];
  }
  if (i + 1 < sizes.B) {
    matmul[50 * i_1 + j_0] = total_1[0];
    if (j + 1 < 50) {
      matmul[50 * i_1 + j_1] = total_1[1];
    }
    if (j + 2 < 50) {
      matmul[50 * i_1 + j_2] = total_1[2];
    }
    if (j + 3 < 50) {
      matmul[50 * i_1 + j_3] = total_1[3];
    }
  }
  if (i + 2 < sizes.B) {
    matmul[50 * i_2 + j_0] = total_2[0];
    if (j + 1 < 50) {
      matmul[50 * i_2 + j_1] = total_2[1];
    }
    if (j + 2 < 50) {
      matmul[50 * i_2 + j_2] = total_2[2];
    }
    if (j + 3 < 50) {
      matmul[50 * i_2 + j_3] = total_2[3];
    }
  }
  if (i + 3 < sizes.B) {
    matmul[50 * i_3 + j_0] = total_3[0];
    if (j + 1 < 50) {
      matmul[50 * i_3 + j_1] = total_3[1];
    }
    if (j + 2 < 50) {
      matmul[50 * i_3 + j_2] = total_3[2];
    }
    if (j + 3 < 50) {
      matmul[50 * i_3 + j_3] = total_3[3];
    }
  }
}

// run_matmul_1

struct Sizes {
  n_13xceilDiv_B_4: i32,
  B: i32,
}
@group(1) @binding(0) var<uniform> sizes: Sizes;

@group(0) @binding(0) var<storage, read_write> Wh: array<f32>;
@group(0) @binding(1) var<storage, read_write> h_t_1: array<f32>;
@group(0) @binding(2) var<storage, read_write> matmul: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let invocation = i32((group.y * groups.x + group.x) * 64u + local);
  if (invocation >= sizes.n_13xceilDiv_B_4) { return; }
  let tile_i = invocation / 13;
  let tile_j = invocation % 13;
  let i = 4 * tile_i;
  let j = 4 * tile_j;
  let i_0 = i;
  let i_1 = min(i + 1, sizes.B - 1);
  let i_2 = min(i + 2, sizes.B - 1);
  let i_3 = min(i + 3, sizes.B - 1);
  let j_0 = j;
  let j_1 = min(j + 1, 50 - 1);
  let j_2 = min(j + 2, 50 - 1);
  let j_3 = min(j + 3, 50 - 1);
  var total_0 = vec4(0.0f);
  var total_1 = vec4(0.0f);
  var total_2 = vec4(0.0f);
  var total_3 = vec4(0.0f);
  for (var start = 0; start < 50; start += 256) {
    var sum_0 = vec4(0.0f); var sum_1 = vec4(0.0f); var sum_2 = vec4(0.0f); var sum_3 = vec4(0.0f);
    for (var p = start; p < min(start + 256, 50); p++) {
      let right = vec4(Wh[50 * p + j_0], Wh[50 * p + j_1], Wh[50 * p + j_2], Wh[50 * p + j_3]);
      sum_0 = sum_0 + h_t_1[50 * i_0 + p] * right;
      sum_1 = sum_1 + h_t_1[50 * i_1 + p] * right;
      sum_2 = sum_2 + h_t_1[50 * i_2 + p] * right;
      sum_3 = sum_3 + h_t_1[50 * i_3 + p] * right;
    }
    total_0 = total_0 + sum_0; total_1 = total_1 + sum_1; total_2 = total_2 + sum_2; total_3 = total_3 + sum_3;
  }
  matmul[50 * i_0 + j_0] = total_0[0];
  if (j + 1 < 50) {
    matmul[50 * i_0 + j_1] = total_0[1];
  }
  if (j + 2 < 50) {
    matmul[50 * i_0 + j_2] = total_0[2];
  }
  if (j + 3 < 50) {
    matmul[50 * i_0 + j_3] = total_0[3];
  }
  if (i + 1 < sizes.B) {
    matmul[50 * i_1 + j_0] = total_1[0];
    if (j + 1 < 50) {
      matmul[50 * i_1 + j_1] = total_1[1];
    }
    if (j + 2 < 50) {
      matmul[50 * i_1 + j_2] = total_1[2];
    }
    if (j + 3 < 50) {
      matmul[50 * i_1 + j_3] = total_1[3];
    }
  }
  if (i + 2 < sizes.B) {
    matmul[50 * i_2 + j_0] = total_2[0];
    if (j + 1 < 50) {
      matmul[50 * i_2 + j_1] = total_2[1];
    }
    if (j + 2 < 50) {
      matmul[50 * i_2 + j_2] = total_2[2];
    }
    if (j + 3 < 50) {
      matmul[50 * i_2 + j_3] = total_2[3];
    }
  }
  if (i + 3 < sizes.B) {
    matmul[50 * i_3 + j_0] = total_3[0];
    if (j + 1 < 50) {
      matmul[50 * i_3 + j_1] = total_3[1];
    }
    if (j + 2 < 50) {
      matmul[50 * i_3 + j_2] = total_3[2];
    }
    if (j + 3 < 50) {
      matmul[50 * i_3 + j_3] = total_3[3];
    }
  }
}

// tanh

struct Sizes {
  n_50xB: i32,
}
@group(1) @binding(0) var<uniform> sizes: Sizes;

@group(0) @binding(0) var<storage, read_write> h_t_1: array<f32>;
@group(0) @binding(1) var<storage, read_write> matmul: array<f32>;
@group(0) @binding(2) var<storage, read_write> matmul_1: array<f32>;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn pow2(n: f32) -> f32 {
  if (is_nan(n) || n <= -127.0f) { return 0.0f; }
  return bitcast<f32>(u32(min(n, 128.0f) + 127.0f) << 23u);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let invocation = i32((group.y * groups.x + group.x) * 64u + local);
  if (invocation >= sizes.n_50xB) { return; }
  let i1 = invocation;
  let e = matmul[i1] + matmul_1[i1];
  let e_1 = e + e;
  let e_2 = select(e_1, 18.040000915527344f, 18.040000915527344f < e_1);
  let e_3 = select(e_2, -18.040000915527344f, e_2 < -18.040000915527344f);
  let e_4 = round(e_3 * 1.4426950216293335f);
  let e_5 = pow2(e_4);
  let e_6 = e_3 - (e_4 * 0.6931471824645996f);
  let e_7 = (e_5 * (((e_6 * e_6) * ((((((((0.0013882518978789449f * e_6) + 0.008366548456251621f) * e_6) + 0.04166720062494278f) * e_6) + 0.1666654348373413f) * e_6) + 0.4999999701976776f)) + e_6)) + (e_5 - 1.0f);
  let v0 = select(e_7 / (e_7 + 2.0f), e, e == 0.0f);
  h_t_1[i1] = v0;
}

// run_matmul_2

struct Sizes {
  n_2xceilDiv_B_4: i32,
  B: i32,
}
@group(1) @binding(0) var<uniform> sizes: Sizes;

@group(0) @binding(0) var<storage, read_write> Wo: array<f32>;
@group(0) @binding(1) var<storage, read_write> h_t_1: array<f32>;
@group(0) @binding(2) var<storage, read_write> matmul: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let invocation = i32((group.y * groups.x + group.x) * 64u + local);
  if (invocation >= sizes.n_2xceilDiv_B_4) { return; }
  let tile_i = invocation / 2;
  let tile_j = invocation % 2;
  let i = 4 * tile_i;
  let j = 4 * tile_j;
  let i_0 = i;
  let i_1 = min(i + 1, sizes.B - 1);
  let i_2 = min(i + 2, sizes.B - 1);
  let i_3 = min(i + 3, sizes.B - 1);
  let j_0 = j;
  let j_1 = min(j + 1, 7 - 1);
  let j_2 = min(j + 2, 7 - 1);
  let j_3 = min(j + 3, 7 - 1);
  var total_0 = vec4(0.0f);
  var total_1 = vec4(0.0f);
  var total_2 = vec4(0.0f);
  var total_3 = vec4(0.0f);
  for (var start = 0; start < 50; start += 256) {
    var sum_0 = vec4(0.0f); var sum_1 = vec4(0.0f); var sum_2 = vec4(0.0f); var sum_3 = vec4(0.0f);
    for (var p = start; p < min(start + 256, 50); p++) {
      let right = vec4(Wo[7 * p + j_0], Wo[7 * p + j_1], Wo[7 * p + j_2], Wo[7 * p + j_3]);
      sum_0 = sum_0 + h_t_1[50 * i_0 + p] * right;
      sum_1 = sum_1 + h_t_1[50 * i_1 + p] * right;
      sum_2 = sum_2 + h_t_1[50 * i_2 + p] * right;
      sum_3 = sum_3 + h_t_1[50 * i_3 + p] * right;
    }
    total_0 = total_0 + sum_0; total_1 = total_1 + sum_1; total_2 = total_2 + sum_2; total_3 = total_3 + sum_3;
  }
  matmul[7 * i_0 + j_0] = total_0[0];
  if (j + 1 < 7) {
    matmul[7 * i_0 + j_1] = total_0[1];
  }
  if (j + 2 < 7) {
    matmul[7 * i_0 + j_2] = total_0[2];
  }
  if (j + 3 < 7) {
    matmul[7 * i_0 + j_3] = total_0[3];
  }
  if (i + 1 < sizes.B) {
    matmul[7 * i_1 + j_0] = total_1[0];
    if (j + 1 < 7) {
      matmul[7 * i_1 + j_1] = total_1[1];
    }
    if (j + 2 < 7) {
      matmul[7 * i_1 + j_2] = total_1[2];
    }
    if (j + 3 < 7) {
      matmul[7 * i_1 + j_3] = total_1[3];
    }
  }
  if (i + 2 < sizes.B) {
    matmul[7 * i_2 + j_0] = total_2[0];
    if (j + 1 < 7) {
      matmul[7 * i_2 + j_1] = total_2[1];
    }
    if (j + 2 < 7) {
      matmul[7 * i_2 + j_2] = total_2[2];
    }
    if (j + 3 < 7) {
      matmul[7 * i_2 + j_3] = total_2[3];
    }
  }
  if (i + 3 < sizes.B) {
    matmul[7 * i_3 + j_0] = total_3[0];
    if (j + 1 < 7) {
      matmul[7 * i_3 + j_1] = total_3[1];
    }
    if (j + 2 < 7) {
      matmul[7 * i_3 + j_2] = total_3[2];
    }
    if (j + 3 < 7) {
      matmul[7 * i_3 + j_3] = total_3[3];
    }
  }
}

// softmax

struct Sizes {
  n_7xB: i32,
  B: i32,
}
@group(1) @binding(0) var<uniform> sizes: Sizes;

struct Params {
  t: i32,
}
@group(1) @binding(1) var<uniform> params: Params;

@group(0) @binding(0) var<storage, read_write> bo: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> matmul: array<f32>;

var<private> minus_infinity_bits: u32 = 0xff800000u;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn max_f32(x: f32, y: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_nan(y)) { return y; }
  let same = bitcast<f32>(bitcast<u32>(x) & bitcast<u32>(y));
  return select(select(y, x, x > y), same, x == y);
}

fn pow2(n: f32) -> f32 {
  if (is_nan(n) || n <= -127.0f) { return 0.0f; }
  return bitcast<f32>(u32(min(n, 128.0f) + 127.0f) << 23u);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let invocation = i32((group.y * groups.x + group.x) * 64u + local);
  if (invocation >= sizes.B) { return; }
  let i0 = invocation;
  var max_lanes: array<f32, 16>;
  for (var lane = 0; lane < 16; lane++) { max_lanes[lane] = bitcast<f32>(minus_infinity_bits); }
  for (var k = 0; k < 7; k++) {
    max_lanes[k & 15] = max_f32(max_lanes[k & 15], matmul[7 * i0 + k] + bo[k]);
  }
  for (var distance = 8; distance > 0; distance = distance / 2) {
    for (var lane = 0; lane < distance; lane++) { max_lanes[lane] = max_f32(max_lanes[lane], max_lanes[lane + distance]); }
  }
  let max_1 = max_lanes[0];
  for (var k_1 = 0; k_1 < 7; k_1++) {
    let e = (matmul[7 * i0 + k_1] + bo[k_1]) - max_1;
    let e_1 = select(e, 89.0f, 89.0f < e);
    let e_2 = select(e_1, -104.0f, e_1 < -104.0f);
    let e_3 = round(e_2 * 1.4426950216293335f);
    let e_4 = (e_2 - (e_3 * 0.693359375f)) - (e_3 * -0.00021219444170128554f);
    let e_5 = e_3 < 0.0f;
    let e_6 = (((((e_4 * e_4) * ((((((((0.0013882518978789449f * e_4) + 0.008366548456251621f) * e_4) + 0.04166720062494278f) * e_4) + 0.1666654348373413f) * e_4) + 0.4999999701976776f)) + e_4) + 1.0f) * pow2(e_3 + select(-1.0f, 32.0f, e_5))) * select(2.0f, 2.3283064365386963e-10f, e_5);
    y[sizes.n_7xB * params.t + 7 * i0 + k_1] = e_6;
  }
  var add_lanes: array<f32, 16>;
  for (var lane_1 = 0; lane_1 < 16; lane_1++) { add_lanes[lane_1] = 0.0f; }
  for (var k_2 = 0; k_2 < 7; k_2++) {
    add_lanes[k_2 & 15] = add_lanes[k_2 & 15] + y[sizes.n_7xB * params.t + 7 * i0 + k_2];
  }
  for (var distance_1 = 8; distance_1 > 0; distance_1 = distance_1 / 2) {
    for (var lane_1 = 0; lane_1 < distance_1; lane_1++) { add_lanes[lane_1] = add_lanes[lane_1] + add_lanes[lane_1 + distance_1]; }
  }
  let add = add_lanes[0];
  for (var k_3 = 0; k_3 < 7; k_3++) {
    y[sizes.n_7xB * params.t + 7 * i0 + k_3] = y[sizes.n_7xB * params.t + 7 * i0 + k_3] / add;
  }
}

// sum

struct Sizes {
  n_7xB: i32,
  B: i32,
  T: i32,
}
@group(1) @binding(0) var<uniform> sizes: Sizes;

@group(0) @binding(0) var<storage, read_write> target_1: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> sum_1: array<f32>;

var<private> infinity_bits: u32 = 0x7f800000u;

var<private> minus_infinity_bits: u32 = 0xff800000u;

var<private> nan_bits: u32 = 0x7fc00000u;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn exponent_of(x: f32) -> f32 {
  return f32(i32((bitcast<u32>(x) >> 23u) & 0xffu) - 127i);
}

fn mantissa_of(x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x007fffffu) | 0x3f800000u);
}

@compute @workgroup_size(1)
fn main() {
  var sum = 0.0f;
  for (var r0 = 0; r0 < sizes.T; r0++) {
    for (var r1 = 0; r1 < sizes.B; r1++) {
      var part_lanes: array<f32, 16>;
      for (var lane = 0; lane < 16; lane++) { part_lanes[lane] = 0.0f; }
      for (var r2 = 0; r2 < 7; r2++) {
        let e = target_1[sizes.n_7xB * r0 + 7 * r1 + r2];
        let e_1 = y[sizes.n_7xB * r0 + 7 * r1 + r2];
        let e_2 = e_1 < 1.1754943508222875e-38f;
        let e_3 = select(e_1, e_1 * 16777216.0f, e_2);
        let e_4 = mantissa_of(e_3);
        let e_5 = 1.4142135381698608f < e_4;
        let e_6 = select(e_4, e_4 * 0.5f, e_5) - 1.0f;
        let e_7 = ((((((((((((0.07037683576345444f * e_6) + -0.11514610052108765f) * e_6) + 0.11676998436450958f) * e_6) + -0.12420140951871872f) * e_6) + 0.14249323308467865f) * e_6) + -0.16668057441711426f) * e_6) + 0.2000071406364441f) * e_6;
        let e_8 = e_6 * e_6;
        let e_9 = exponent_of(e_3) - select(0.0f, 24.0f, e_2);
        let e_10 = select(e_9, e_9 + 1.0f, e_5);
        let e_11 = -e_1;
        let e_12 = e_11 + 1.0f;
        let e_13 = e_12 < 1.1754943508222875e-38f;
        let e_14 = select(e_12, e_12 * 16777216.0f, e_13);
        let e_15 = mantissa_of(e_14);
        let e_16 = 1.4142135381698608f < e_15;
        let e_17 = select(e_15, e_15 * 0.5f, e_16) - 1.0f;
        let e_18 = ((((((((((((0.07037683576345444f * e_17) + -0.11514610052108765f) * e_17) + 0.11676998436450958f) * e_17) + -0.12420140951871872f) * e_17) + 0.14249323308467865f) * e_17) + -0.16668057441711426f) * e_17) + 0.2000071406364441f) * e_17;
        let e_19 = e_17 * e_17;
        let e_20 = exponent_of(e_14) - select(0.0f, 24.0f, e_13);
        let e_21 = select(e_20, e_20 + 1.0f, e_16);
        let e_22 = ((e_12 - 1.0f) - e_11) / e_12;
        let e_23 = select(select(select(bitcast<f32>(nan_bits), bitcast<f32>(minus_infinity_bits), e_12 == 0.0f), select(e_12, (e_17 + (((((((e_18 + -0.24999994039535522f) * e_17) + 0.3333333134651184f) * e_17) * e_19) + (e_21 * -0.00021219444170128554f)) - (e_19 * 0.5f))) + (e_21 * 0.693359375f), e_12 < bitcast<f32>(infinity_bits)), 0.0f < e_12) - select(0.0f, e_22, !is_nan(e_22)), e_11, e_11 == 0.0f);
        let e_24 = (e * select(select(bitcast<f32>(nan_bits), bitcast<f32>(minus_infinity_bits), e_1 == 0.0f), select(e_1, (e_6 + (((((((e_7 + -0.24999994039535522f) * e_6) + 0.3333333134651184f) * e_6) * e_8) + (e_10 * -0.00021219444170128554f)) - (e_8 * 0.5f))) + (e_10 * 0.693359375f), e_1 < bitcast<f32>(infinity_bits)), 0.0f < e_1)) + ((1.0f - e) * e_23);
        part_lanes[r2 & 15] = part_lanes[r2 & 15] + (-e_24);
      }
      for (var distance = 8; distance > 0; distance = distance / 2) {
        for (var lane = 0; lane < distance; lane++) { part_lanes[lane] = part_lanes[lane] + part_lanes[lane + distance]; }
      }
      let part = part_lanes[0];
      sum = sum + part;
    }
  }
  sum_1[0] = sum;
}

// div

struct Sizes {
  n_7xBxT: i32,
}
@group(1) @binding(0) var<uniform> sizes: Sizes;

@group(0) @binding(0) var<storage, read_write> loss: array<f32>;
@group(0) @binding(1) var<storage, read_write> sum: array<f32>;

@compute @workgroup_size(1)
fn main() {
  let v0 = sum[0] / f32(sizes.n_7xBxT);
  loss[0] = v0;
}
