/** Names in WGSL: what people called a thing, made into an identifier that is free and that WGSL does not keep for itself. */

/** Keywords and reserved words of WGSL, then the types and functions that the renderer itself writes. */
const reserved =
  "alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop " +
  "override requires return struct switch true var while NULL Self abstract active alignas alignof as asm asm_fragment async " +
  "attribute auto await become cast catch class co_await co_return co_yield coherent column_major common compile " +
  "compile_fragment concept const_cast consteval constexpr constinit crate debugger decltype delete demote demote_to_helper do " +
  "dynamic_cast enum explicit export extends extern external fallthrough filter final finally friend from fxgroup get goto " +
  "groupshared highp impl implements import inline instanceof interface layout lowp macro macro_rules match mediump meta mod " +
  "module move mut mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent noperspective null " +
  "nullptr of operator package packoffset partial pass patch pixelfragment precise precision premerge priv protected pub public " +
  "readonly ref regardless register reinterpret_cast require resource restrict self set shared sizeof smooth snorm static " +
  "static_assert static_cast std subroutine super target template this thread_local throw trait try type typedef typeid typename " +
  "typeof union unless unorm unsafe unsized use using varying virtual volatile wgsl where with writeonly yield " +
  "f32 i32 u32 bool vec3 array atomic bitcast select min max abs sqrt floor ceil round trunc " +
  "array atomicCompareExchangeWeak atomicLoad clamp main memory flags sizes params status Sizes Params vec4 workgroupBarrier";

/** Hands out identifiers, each once. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set([...reserved.split(" "), ...taken]);
  }

  /** An identifier like `wanted` that nothing else has. */
  fresh(wanted: string): string {
    const stem = toIdentifier(wanted);
    let name = stem;
    for (let n = 1; this.#taken.has(name); n++) name = `${stem}_${n}`;
    this.#taken.add(name);
    return name;
  }
}

/** Letters, digits and single underscores, beginning with a letter; `h[t-1]` becomes `h_t_1`. */
export function toIdentifier(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "");
  if (plain === "") return "v";
  return /^[0-9]/.test(plain) ? `n_${plain}` : plain;
}

const longestSizeName = 40;

/** A size as a name: `50*B + 50*B*T` becomes `n_50xB_plus_50xBxT`; what would be long is just a size. */
export function sizeName(text: string): string {
  const words = text
    .replaceAll("*", "x")
    .replaceAll(" + ", "_plus_")
    .replaceAll(" - ", "_minus_")
    .replaceAll("-", "minus_");
  return words.length > longestSizeName ? "size" : toIdentifier(words);
}
