/** How the page writes numbers. */

export const count = new Intl.NumberFormat("en");

export const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

/** Three digits. */
export const plain = (x: number): string => Number(x.toPrecision(3)).toString();

/** One digit and a power where three digits would be long. */
export const short = (x: number): string => (x >= 0.01 && x < 1000 ? plain(x) : x.toExponential(0));
