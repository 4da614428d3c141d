/**
 * erf: below 1 in absolute value x P(x^2); above 1 - exp(-x^2) Q(1/(|x| + 2)), where erfc(x) exp(x^2) is smooth.
 * P and Q are minimax polynomials in the relative error of erf, found by exchange on [0, 1] and on [1, 4] (f32) or [1, 6] (f64).
 */
import { unary } from "../build.ts";
import type { Expr } from "../types.ts";
import { absolute, arithmeticOf } from "./arithmetic.ts";
import { expOfNegative } from "./exp.ts";

const inner = {
  f32: [
    1.1283791065216064, -0.3761262595653534, 0.1128358542919159, -0.026853810995817184,
    0.00518832728266716, -0.0008010189631022513, 7.85384836490266e-5,
  ],
  f64: [
    1.1283791670955126, -0.3761263890318352, 0.11283791670944185, -0.02686617064311147,
    0.005223977606118481, -0.0008548325929316656, 0.0001205529357702147, -1.4924712305189893e-5,
    1.6447131617748237e-6, -1.6206314146064028e-7, 1.3710982127039678e-8, -7.779471692267398e-10,
  ],
} as const;

const outer = {
  f32: [
    -0.013637514784932137, 0.7867234349250793, -0.25504836440086365, 5.810275554656982,
    -0.6380148530006409,
  ],
  f64: [
    2.9276188390150457e-5, 0.5629139552074012, 1.1534526846055955, 1.6823598793885801,
    5.050666074342071, -8.849611516426087, 39.819005494715626, -94.84739787482316,
    78.17563206527142, 34.199856511924196, -98.58100905227458, 48.46631184622445,
  ],
} as const;

/** At most 2.5 ulp in f32; erf(-0) = -0, and +-1 exactly beyond 4 (f32) or 6 (f64). */
export function expandErf(x: Expr): Expr {
  const a = arithmeticOf(x);
  const size = a.atMost(absolute(x), a.type === "f32" ? 4 : 6);
  const square = a.mul(size, size);
  const near = a.mul(x, a.poly(square, inner[a.type]));
  const far = a.sub(
    1,
    a.mul(expOfNegative(a, square), a.poly(a.div(1, a.add(size, 2)), outer[a.type])),
  );
  return a.select(a.less(size, 1), near, a.select(a.less(x, 0), unary("neg", far), far));
}
