/** The flag of V8 that lets it join neighbouring vectors. */
export const joinVectors = "--experimental-wasm-revectorize";
