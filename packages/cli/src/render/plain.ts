import type { Terminal } from "../terminal.ts";
import type { Renderer } from "./events.ts";
import { epochLine, startLine, summaryLines } from "./lines.ts";

/** The reason without its code, notes and hints. */
function firstLine(reason: string): string {
  return reason.replace(/\n[^]*$/, "").replace(/^[A-Z]+(_[A-Z]+)*: /, "");
}

/** Lines, one per epoch: for files, pipes and simple terminals. */
export function plainRenderer({ out, colours }: Pick<Terminal, "out" | "colours">): Renderer {
  let epochs = 0;
  return {
    handle: (event) => {
      switch (event.kind) {
        case "facts":
          for (const line of event.lines) out(`${line}\n`);
          return;
        case "start":
          epochs = event.epochs;
          out(`${startLine(event)}\n`);
          return;
        case "epoch-end":
          out(`${epochLine(event, epochs, colours)}\n`);
          return;
        case "worker-died":
          out(
            colours.yellow(
              `worker ${event.worker} died (${firstLine(event.reason)}); its work is done again\n`,
            ),
          );
          return;
        case "summary":
          out(`${summaryLines(event.summary, colours).join("\n")}\n`);
          return;
        case "epoch-start":
        case "step":
        case "shard":
        case "worker-replaced":
        case "checkpoint":
        case "end":
          return;
        default:
          event satisfies never;
      }
    },
    close: () => Promise.resolve(),
  };
}
