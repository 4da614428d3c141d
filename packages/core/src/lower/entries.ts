/** The names of the two entries of a lowered program. */
export const runEntry = "run";
export const commitEntry = "commit";
