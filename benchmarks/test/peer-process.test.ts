import { expect, test } from "vitest";
import { PeerProcess } from "../src/peer-process.ts";
import type { PeerTask } from "../src/peer-task.ts";

/** A model whose loss is the sum of its one parameter, which each step lowers by the rate. */
const standIn = `
let model;
const step = () => { const loss = model.sum; model.sum -= model.rate; return loss; };
const answer = (request) => {
  if (request.create) {
    const { rate, parameters: { W } } = request.create;
    const data = new Float32Array(Uint8Array.from(Buffer.from(W.data, "base64")).buffer);
    model = { rate, sum: data.reduce((a, b) => a + b) };
    return { ready: W.shape.join() === "1,3" };
  }
  if (request.steps) return { losses: Array.from({ length: request.steps }, step) };
  return request.run === 13 ? process.exit(1) : { times: request.run === 0 ? [] : [request.run, step()] };
};
require("node:readline").createInterface({ input: process.stdin })
  .on("line", (line) => console.log(JSON.stringify(answer(JSON.parse(line)))));
`;

const task: PeerTask = {
  name: "S1",
  sizes: { I: 1, H: 3, O: 1, T: 1, B: 1 },
  parameters: { W: { data: Float32Array.of(1.5, 2, 3), shape: [1, 3] } },
  values: {},
  rate: 0.5,
};

async function withPeer(use: (peer: PeerProcess) => Promise<void>): Promise<void> {
  const peer = new PeerProcess("the stand-in", process.execPath, ["-e", standIn]);
  try {
    await use(peer);
  } finally {
    peer.close();
  }
}

test("a program gets the numbers, does steps, and times turns", async () => {
  await withPeer(async (peer) => {
    await peer.create(task);
    expect(await peer.losses(3)).toEqual([6.5, 6, 5.5]);
    expect(await peer.run(250)).toEqual([250, 5]);
    expect(await peer.losses(1)).toEqual([4.5]);
  });
});

test("answers that are none are told with the program's name", async () => {
  await withPeer(async (peer) => {
    await peer.create(task);
    await expect(peer.run(0)).rejects.toThrow('the stand-in answered {"times":[]}');
    await expect(peer.run(13)).rejects.toThrow("the stand-in ended without an answer");
  });
});

test("a program that is not there gives no answer", async () => {
  const peer = new PeerProcess("nobody", "/no/such/program", []);
  await expect(peer.create(task)).rejects.toThrow("nobody ended without an answer");
});
