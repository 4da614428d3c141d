/** The published formulas of the optimisers as plain loops over one number, in float64. */

/** The parameter after each of `gradients.length` updates. */
export type Reference = (start: number, gradients: readonly number[], rate: number) => number[];

function loop(update: (p: number, g: number, rate: number, t: number) => number): Reference {
  return (start, gradients, rate) => {
    let p = start;
    return gradients.map((g, i) => (p = update(p, g, rate, i + 1)));
  };
}

export const sgdReference = (): Reference => loop((p, g, rate) => p - rate * g);

/** Polyak 1964, as torch.optim.SGD(momentum). */
export function momentumReference(mu: number): Reference {
  let v = 0;
  return loop((p, g, rate) => {
    v = mu * v + g;
    return p - rate * v;
  });
}

/** Sutskever et al. 2013, as torch.optim.SGD(nesterov=True). */
export function nesterovReference(mu: number): Reference {
  let v = 0;
  return loop((p, g, rate) => {
    v = mu * v + g;
    return p - rate * (g + mu * v);
  });
}

/** Tieleman & Hinton 2012, lecture 6e. */
export function rmspropReference(decay: number, epsilon: number): Reference {
  let v = 0;
  return loop((p, g, rate) => {
    v = decay * v + (1 - decay) * g * g;
    return p - (rate * g) / (Math.sqrt(v) + epsilon);
  });
}

/** Duchi et al. 2011, diagonal form. */
export function adagradReference(epsilon: number): Reference {
  let v = 0;
  return loop((p, g, rate) => {
    v += g * g;
    return p - (rate * g) / (Math.sqrt(v) + epsilon);
  });
}

/** Kingma & Ba 2015, algorithm 1; with decay Loshchilov & Hutter 2019, algorithm 2, scaled by the rate. */
export function adamReference(
  beta1: number,
  beta2: number,
  epsilon: number,
  weightDecay = 0,
): Reference {
  let [m, v] = [0, 0];
  return loop((p, g, rate, t) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const mean = m / (1 - Math.pow(beta1, t));
    const square = v / (1 - Math.pow(beta2, t));
    return p - rate * weightDecay * p - (rate * mean) / (Math.sqrt(square) + epsilon);
  });
}
