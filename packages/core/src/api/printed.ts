/** Where printed values go by default. */
import type { Printed } from "../runtime/host-log.ts";

/** `h, step 3 of scan "rnn": f32[2, 3] [...]` on the console. */
export function showPrinted(printed: Printed): void {
  // oxlint-disable-next-line no-console -- where the user asked to see the value
  console.log(printedLine(printed));
}

/** A printed value as one line. */
export function printedLine({ label, value, steps }: Printed): string {
  const where = steps.map(({ loop, step }) => `, step ${step} of ${loop}`);
  return `${label}${where.join("")}: ${value.toString()}`;
}
