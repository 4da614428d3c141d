/** A random order: the one in which random words stand when sorted. */
import { ArgumentError } from "../errors/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { arange, sizeValue } from "../ops/arange.ts";
import { add, floorDiv, maximum, mod, mul, sub } from "../ops/arithmetic.ts";
import { max } from "../ops/axes.ts";
import { stretch } from "../ops/broadcast.ts";
import { cast } from "../ops/cast.ts";
import { eq, ge, lt } from "../ops/compare.ts";
import { constant } from "../ops/constant.ts";
import { padRank } from "../ops/dimshuffle.ts";
import { and, not, or, where, xor } from "../ops/logic.ts";
import { randomBits } from "../ops/random.ts";
import { foldIn } from "../ops/random-key.ts";
import { clampSize, toShape, type Dimension } from "../ops/shape.ts";
import { take } from "../ops/subtensor.ts";
import { addSizes, floorDivSizes, minSizes, mulSizes, subSizes, type Size } from "../size/size.ts";
import { scan } from "./scan/scan.ts";

/** Distances are powers of two, and a place plus a distance is an int32. */
const largest = 0x40000000;
const powers = Array.from({ length: 31 }, (_, k) => 1 << k);

/** What is sorted: two random words and a number, each `[..., n]`. */
interface Items {
  readonly first: Tensor;
  readonly second: Tensor;
  readonly number: Tensor;
}

/** By the words, and by the number where both are equal: no two items are equal. */
function isBefore(x: Items, y: Items): Tensor {
  const byNumber = and(eq(x.second, y.second), lt(x.number, y.number));
  return or(lt(x.first, y.first), and(eq(x.first, y.first), or(lt(x.second, y.second), byNumber)));
}

/** Round k of 0, 1, ... has k + 1 steps, and is run when 2^k < n. */
function stepsOf(n: Dimension): Size {
  const most = clampSize(subSizes(n, 1));
  return addSizes(...powers.map((p, k) => mulSizes(k + 1, minSizes(1, floorDivSizes(most, p)))));
}

/**
 * 0 .. n - 1 in random order for each key `[..., 2]`: int32 `[..., n]`. They are sorted by 64 random bits in a scan whose every step
 * compares places at one distance, side by side (Batcher's merge exchange for any n, Knuth 5.2.2 M).
 * @throws DTypeError RANDOM_KEY; ArgumentError SIZE, PERMUTATION
 */
export function randomOrder(key: Tensor, n: Dimension): Tensor<"int32"> {
  const [length] = toShape("permutation", [n]);
  if (length?.constant !== undefined && length.constant > largest)
    throw new ArgumentError("PERMUTATION", `permutation: cannot order ${length.constant} numbers`, {
      hint: `give at most 2^30 = ${largest}`,
    });
  const first = randomBits(key, [n]);
  const [place, count] = [arange(n), sizeValue(n)];
  const items: Items = {
    first,
    second: randomBits(foldIn(key, 0), [n]),
    number: stretch(padRank(place, first.rank, 0), first.shape),
  };
  const top = max(where(lt(constant(powers, "int32"), count), constant(powers, "int32"), 1));
  const start = { ...items, bit: top, span: top, distance: top, odd: constant(false, "bool") };
  const { final } = scan({
    init: start,
    nSteps: sizeValue(stepsOf(n)),
    name: "permutation",
    step({ bit, span, distance, odd, ...mine }) {
      const [above, below] = [add(place, distance), sub(place, distance)];
      // Whether a place is the lower of two; the distance is an odd multiple of the bit, so of two places one leads.
      const leads = xor(lt(mod(place, mul(bit, 2)), bit), odd);
      const isLow = and(leads, lt(above, count));
      const isHigh = and(not(leads), ge(below, 0));
      const partner = where(isLow, above, where(isHigh, maximum(below, 0), place));
      const other: Items = {
        first: take(mine.first, partner, -1),
        second: take(mine.second, partner, -1),
        number: take(mine.number, partner, -1),
      };
      const swaps = and(or(isLow, isHigh), xor(isBefore(mine, other), isLow));
      const isLast = eq(span, bit);
      const half = floorDiv(bit, 2);
      return {
        first: where(swaps, other.first, mine.first),
        second: where(swaps, other.second, mine.second),
        number: where(swaps, other.number, mine.number),
        bit: where(isLast, half, bit),
        span: where(isLast, top, floorDiv(span, 2)),
        distance: where(isLast, half, sub(span, bit)),
        odd: lt(bit, span),
      };
    },
  });
  return cast(final.number, "int32");
}
