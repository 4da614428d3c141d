/** The training step S1: h = tanh(x Wx + h Wh), y = softmax(h Wo + bo), mean binary cross-entropy, SGD. */
import {
  add,
  binaryCrossEntropy,
  dot,
  grad,
  mean,
  mul,
  scan,
  shared,
  softmax,
  sub,
  tanh,
  tensor,
  zeros,
} from "@scan-train/core";
import { compileProgram, type Program } from "@scan-train/core/backend-kit";

const [inputs, hidden, classes] = [7, 50, 7];

const parameter = (name: string, shape: readonly number[]) => {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return shared({ data: new Float32Array(length).fill(0.1), shape }, { name });
};

/** The loss alone, or the whole step. */
export function s1Program(what: "forward" | "step", optimize: "none" | "full"): Program {
  const x = tensor("x", { shape: ["T", "B", inputs] });
  const target = tensor("target", { shape: ["T", "B", classes] });
  const Wx = parameter("Wx", [inputs, hidden]);
  const Wh = parameter("Wh", [hidden, hidden]);
  const Wo = parameter("Wo", [hidden, classes]);
  const bo = parameter("bo", [classes]);
  const { outputs } = scan({
    sequences: { x },
    init: { h: zeros([x.size(1), hidden]) },
    step: ({ x: xt, h }) => {
      const next = tanh(add(dot(xt, Wx), dot(h, Wh)));
      return { h: next, y: softmax(add(dot(next, Wo), bo)) };
    },
  });
  const loss = mean(binaryCrossEntropy(outputs.y, target));
  const spec = {
    name: "s1",
    optimize,
    target: "device",
    inputs: { x, target },
    outputs: { loss },
  } as const;
  if (what === "forward") return compileProgram(spec);
  const parameters = [Wx, Wh, Wo, bo];
  const gradients = grad(loss, parameters);
  const updates = parameters.map((p, at) => [p, sub(p, mul(0.1, gradients[at] ?? p))] as const);
  return compileProgram({ ...spec, updates });
}
