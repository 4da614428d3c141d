/** The other libraries, installed in a folder of their own. */
import type { Peer } from "./peer-task.ts";

export const peers = [
  { name: "jax-js", file: "jax.mjs" },
  { name: "tfjs-wasm", file: "tfjs.mjs" },
] as const;

/** From dist/src to peers. */
const folder = new URL("../../peers/", import.meta.url);

/** @param file a module of `peers/` */
export async function loadPeer(file: string): Promise<Peer> {
  return (await import(new URL(file, folder).href)) as Peer;
}
