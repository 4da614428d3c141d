/**
 * What Theano, PyTorch, Keras, JAX and NumPy call our options, where spelling alone would suggest another one or none.
 * Small letters, without underscores.
 */
const otherWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    learningRate: "lr rate",
    epsilon: "eps",
    decay: "alpha rho",
    weightDecay: "wd l2",
    clipNorm: "maxnorm maxgradnorm globalclipnorm gradclip",
    batchSize: "bs batch",
    workers: "threads",
    seed: "randomstate",
    validation: "val",
    weight: "sampleweight",
    loss: "cost",
    parametersOnly: "weightsonly",
    inputSize: "infeatures inputdim",
    outputSize: "outfeatures outputdim units",
    hiddenSize: "hidden units",
    count: "numembeddings vocabsize inputdim",
    size: "embeddingdim outputdim dim",
    bias: "usebias",
    activation: "nonlinearity",
    input: "kernel kernelinitializer",
    state: "recurrent recurrentinitializer",
    low: "min minval from",
    high: "max maxval to",
    mean: "loc mu",
    deviation: "std stddev sigma scale",
    from: "start initial lr",
    to: "stop end final",
    factor: "gamma rate",
    start: "begin from",
    stop: "end to",
    step: "fn stride eps h",
    sequences: "xs",
    init: "outputsinfo initial carry",
    outputsInfo: "init initial carry",
    goBackwards: "reverse",
    tolerance: "tol atol rtol",
  }),
);

/** Whether another library says `word` where we say `name`. */
export function isOtherWord(word: string, name: string): boolean {
  return otherWords.get(name)?.split(" ").includes(word) ?? false;
}
