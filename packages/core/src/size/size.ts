/**
 * Sizes of axes: integer polynomials over symbols, plus opaque floorDiv, ceilDiv, min and max, in normal form.
 * Two sizes are provably equal exactly when their keys are. What cannot be proved is checked at the call.
 */
import { InternalError } from "../errors/errors.ts";

/** An unknown integer >= 0. Symbols with equal keys are the same unknown. */
export interface SizeSymbol {
  readonly kind: "symbol";
  readonly key: string;
  /** How messages call it: `T`, or `x.shape[0]`. */
  readonly name: string;
  /** What it is in an ordinary call, where plans need to know. Default: 100. */
  readonly ordinary?: number;
}
export interface SizeFunction {
  readonly kind: "floorDiv" | "ceilDiv" | "min" | "max";
  readonly key: string;
  readonly x: Size;
  readonly y: Size;
}
export type SizeAtom = SizeSymbol | SizeFunction;

interface Monomial {
  readonly key: string;
  readonly coef: number;
  readonly atoms: readonly SizeAtom[];
}

/** An integer expression in normal form; immutable, compared by `key`. */
export class Size {
  readonly key: string;
  readonly terms: readonly Monomial[];
  /** The value when it depends on no symbol. */
  readonly constant: number | undefined;

  constructor(terms: readonly Monomial[]) {
    this.terms = terms;
    this.constant = constantOf(terms);
    this.key =
      terms.length === 0
        ? "0"
        : terms
            .map((t) =>
              t.atoms.length === 0 ? `${t.coef}` : t.coef === 1 ? t.key : `${t.coef}*${t.key}`,
            )
            .join("+");
  }

  equals(other: Size): boolean {
    return this.key === other.key;
  }

  /** For people: symbols by their names. */
  toString(): string {
    if (this.terms.length === 0) return "0";
    return this.terms.map(printMonomial).join(" + ").replaceAll("+ -", "- ");
  }

  toJSON(): string {
    return this.key;
  }
}

function constantOf(terms: readonly Monomial[]): number | undefined {
  const first = terms[0];
  if (first === undefined) return 0;
  return terms.length === 1 && first.atoms.length === 0 ? first.coef : undefined;
}

function printAtom(atom: SizeAtom): string {
  return atom.kind === "symbol"
    ? atom.name
    : `${atom.kind}(${atom.x.toString()}, ${atom.y.toString()})`;
}

function printMonomial(term: Monomial): string {
  const atoms = term.atoms.map(printAtom).join("*");
  if (atoms === "") return `${term.coef}`;
  return term.coef === 1 ? atoms : term.coef === -1 ? `-${atoms}` : `${term.coef}*${atoms}`;
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

function normal(terms: readonly Monomial[]): Size {
  if (terms.length === 1) return new Size(terms[0]?.coef === 0 ? [] : terms);
  const sums = new Map<string, Monomial>();
  for (const term of terms) {
    const old = sums.get(term.key);
    sums.set(term.key, old === undefined ? term : { ...term, coef: old.coef + term.coef });
  }
  return new Size([...sums.values()].filter((t) => t.coef !== 0).sort(byKey));
}

const small: Size[] = [];

/** The size n; n is an integer. */
export function constantSize(n: number): Size {
  if (!Number.isSafeInteger(n)) throw new InternalError(`a size must be an integer, got ${n}`);
  const make = (): Size => new Size(n === 0 ? [] : [{ key: "", coef: n, atoms: [] }]);
  return n >= 0 && n < 1024 ? (small[n] ??= make()) : make();
}

/** The symbol as a size. */
export function symbolSize(symbol: SizeSymbol): Size {
  return new Size([{ key: symbol.key, coef: 1, atoms: [symbol] }]);
}

export function toSize(x: Size | number): Size {
  return typeof x === "number" ? constantSize(x) : x;
}

const isConstant = (x: Size | number, n: number): boolean =>
  (typeof x === "number" ? x : x.constant) === n;

export function addSizes(...sizes: readonly (Size | number)[]): Size {
  const [first, second] = sizes;
  if (sizes.length === 2 && first !== undefined && second !== undefined) {
    if (isConstant(first, 0)) return toSize(second);
    if (isConstant(second, 0)) return toSize(first);
  }
  return normal(sizes.flatMap((s) => toSize(s).terms));
}

export function subSizes(x: Size | number, y: Size | number): Size {
  return addSizes(x, mulSizes(-1, y));
}

export function mulSizes(...sizes: readonly (Size | number)[]): Size {
  let product = constantSize(1);
  for (const size of sizes) {
    if (isConstant(size, 1)) continue;
    if (isConstant(product, 1)) {
      product = toSize(size);
      continue;
    }
    product = normal(
      product.terms.flatMap((a) => toSize(size).terms.map((b) => mulMonomials(a, b))),
    );
  }
  return product;
}

function mulMonomials(a: Monomial, b: Monomial): Monomial {
  const atoms = [...a.atoms, ...b.atoms].sort(byKey);
  return { key: atoms.map((t) => t.key).join("*"), coef: a.coef * b.coef, atoms };
}

function functionSize(kind: SizeFunction["kind"], x: Size, y: Size): Size {
  const key = `${kind}(${x.key},${y.key})`;
  return new Size([{ key, coef: 1, atoms: [{ kind, key, x, y }] }]);
}

function divide(kind: "floorDiv" | "ceilDiv", x: Size, y: Size): Size {
  const [a, b] = [x.constant, y.constant];
  if (b === 1) return x;
  if (a === 0) return x;
  if (a !== undefined && b !== undefined && b !== 0)
    return constantSize(kind === "floorDiv" ? Math.floor(a / b) : Math.ceil(a / b));
  const exact = exactQuotient(x, y);
  return exact ?? functionSize(kind, x, y);
}

/** x / y when every monomial of x is divisible by the single monomial y. */
function exactQuotient(x: Size, y: Size): Size | undefined {
  const [divisor, ...more] = y.terms;
  if (divisor === undefined || more.length > 0) return undefined;
  const quotients: Monomial[] = [];
  for (const term of x.terms) {
    if (term.coef % divisor.coef !== 0) return undefined;
    const atoms = [...term.atoms];
    for (const atom of divisor.atoms) {
      const at = atoms.findIndex((a) => a.key === atom.key);
      if (at < 0) return undefined;
      atoms.splice(at, 1);
    }
    quotients.push({
      key: atoms.map((t) => t.key).join("*"),
      coef: term.coef / divisor.coef,
      atoms,
    });
  }
  return normal(quotients);
}

export const floorDivSizes = (x: Size | number, y: Size | number): Size =>
  divide("floorDiv", toSize(x), toSize(y));
export const ceilDivSizes = (x: Size | number, y: Size | number): Size =>
  divide("ceilDiv", toSize(x), toSize(y));

function extremum(kind: "min" | "max", x: Size, y: Size): Size {
  const difference = subSizes(x, y).constant;
  if (difference !== undefined) return (kind === "min") === difference < 0 ? x : y;
  return x.key < y.key ? functionSize(kind, x, y) : functionSize(kind, y, x);
}

export const minSizes = (x: Size | number, y: Size | number): Size =>
  extremum("min", toSize(x), toSize(y));
export const maxSizes = (x: Size | number, y: Size | number): Size =>
  extremum("max", toSize(x), toSize(y));

/** Values of symbols by key. */
export type SizeEnvironment = ReadonlyMap<string, number>;

/** The value under `env`; a symbol without a value is a defect of the caller. */
export function evaluateSize(size: Size, env: SizeEnvironment): number {
  let sum = 0;
  for (const term of size.terms) {
    let product = term.coef;
    for (const atom of term.atoms) product *= evaluateAtom(atom, env);
    sum += product;
  }
  return sum;
}

function evaluateAtom(atom: SizeAtom, env: SizeEnvironment): number {
  if (atom.kind === "symbol") {
    const value = env.get(atom.key);
    if (value === undefined) throw new InternalError(`no value for size ${atom.name}`);
    return value;
  }
  const [x, y] = [evaluateSize(atom.x, env), evaluateSize(atom.y, env)];
  switch (atom.kind) {
    case "floorDiv":
      return y === 0 ? 0 : Math.floor(x / y);
    case "ceilDiv":
      return y === 0 ? 0 : Math.ceil(x / y);
    case "min":
      return Math.min(x, y);
    case "max":
      return Math.max(x, y);
    default:
      return atom satisfies never;
  }
}

/** Every symbol that the size mentions, each once. */
export function sizeSymbols(
  size: Size,
  found: Map<string, SizeSymbol> = new Map(),
): Map<string, SizeSymbol> {
  for (const term of size.terms)
    for (const atom of term.atoms) {
      if (atom.kind === "symbol") found.set(atom.key, atom);
      else {
        sizeSymbols(atom.x, found);
        sizeSymbols(atom.y, found);
      }
    }
  return found;
}

/** What is known of a symbol: `times` of it make `size`. */
export interface SizeMultiple {
  readonly times: number;
  readonly size: Size;
}

/** Sizes, or multiples, by the keys of the symbols that they replace. */
export type SizeReplacements = ReadonlyMap<string, Size | SizeMultiple>;

/** The size with symbols replaced by key; unlisted symbols stay. */
export function substituteSize(size: Size, replacements: SizeReplacements): Size {
  if (size.constant !== undefined) return size;
  return addSizes(...size.terms.map((term) => substituteTerm(term, replacements)));
}

function substituteTerm({ coef, atoms }: Monomial, replacements: SizeReplacements): Size {
  let left = coef;
  const factors = atoms.map((atom) => {
    if (atom.kind !== "symbol") return substituteFunction(atom, replacements);
    const known = replacements.get(atom.key);
    if (known === undefined || known instanceof Size) return known ?? symbolSize(atom);
    if (left % known.times !== 0) return floorDivSizes(known.size, known.times);
    left /= known.times;
    return known.size;
  });
  return mulSizes(left, ...factors);
}

function substituteFunction(atom: SizeFunction, replacements: SizeReplacements): Size {
  const [x, y] = [substituteSize(atom.x, replacements), substituteSize(atom.y, replacements)];
  return atom.kind === "floorDiv" || atom.kind === "ceilDiv"
    ? divide(atom.kind, x, y)
    : extremum(atom.kind, x, y);
}

/**
 * What `left = right` says of the symbol of this key; undefined where `left` does not hold it in one linear term.
 *
 * @example 2*T + 1 = N says that 2 of T make N - 1
 */
export function solveSize(left: Size, right: Size, symbol: string): SizeMultiple | undefined {
  const term = left.terms.find(({ key }) => key === symbol);
  if (term === undefined) return undefined;
  const rest = addSizes(left, new Size([{ ...term, coef: -term.coef }]));
  if (sizeSymbols(rest).has(symbol) || sizeSymbols(right).has(symbol)) return undefined;
  const sign = Math.sign(term.coef);
  return { times: sign * term.coef, size: mulSizes(sign, subSizes(right, rest)) };
}
