/** Golden cases outside this version's scope, with the reason. */
const convolution = "convolution and pooling: later issue";

export const laterCases: Readonly<Record<string, string>> = {
  "conv2d-half": convolution,
  "conv2d-valid-noflip": convolution,
  "seed-conv-pool-rectify-layer": convolution,
  "seed-conv1d": convolution,
  "seed-conv2d-slide": convolution,
  "seed-lenet-small": convolution,
  "seed-maxpool-slide": convolution,
  "cumsum-cumprod-diff": "cumsum, cumprod and diff: later issue",
  "dtype-upcasting": "dtypes that we do not have; our own table has its own tests",
  "linear-algebra": "matrix inverse and determinant: later issue",
};
