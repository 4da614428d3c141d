/** A logarithmic axis that can be read: a line for each power of ten, few enough, all written in one way. */

const mostTicks = 8;

/** Powers of ten from `low` to `high`, none outside; also 2 and 5 times them where they are few. */
export function logTicks(low: number, high: number): number[] {
  const first = exponentOf(low);
  const last = exponentOf(high);
  const decades = last - first;
  const isWithin = (tick: number): boolean => tick >= low && tick <= high;
  if (decades <= 2) {
    const all = Array.from({ length: decades + 1 }, (_, i) => first + i).flatMap((exponent) =>
      [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)),
    );
    return all.filter(isWithin);
  }
  const stride = Math.ceil((decades + 1) / mostTicks);
  const count = Math.floor(decades / stride) + 1;
  const powers = Array.from({ length: count }, (_, i) => last - (count - 1 - i) * stride);
  return powers.map((exponent) => Number(`1e${exponent}`)).filter(isWithin);
}

/** Numbers as they are where all are short, else powers: 10⁻³. */
export function tickTexts(ticks: readonly number[]): string[] {
  const areShort = ticks.every((tick) => tick >= 0.001 && tick <= 1000);
  return ticks.map((tick) => (areShort ? String(tick) : `10${superscript(exponentOf(tick))}`));
}

/** Of the power of ten beside `value`. */
const exponentOf = (value: number): number => Number(value.toExponential(0).split("e")[1]);

const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function superscript(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => raised[Number(digit)] ?? "");
  return `${exponent < 0 ? "⁻" : ""}${digits.join("")}`;
}
