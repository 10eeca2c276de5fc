import { type StrikeName, STRIKES } from "./strikes.ts";

/** Strikes of one seed; more would make a run long, and the seeds share them out. */
const STRIKES_EACH = 4;
/** Has no common divisor with the number of strikes, so that each seed gets blows of several kinds. */
const STRIDE = 7;

/** All strikes by name. */
export const STRIKE_NAMES = Object.keys(STRIKES) as StrikeName[]; // the keys of a constant

/** The strikes of a seed: consecutive seeds go through all of them, again and again. */
export function chooseStrikes(seed: number): readonly StrikeName[] {
  return Array.from({ length: STRIKES_EACH }, (_, index) => {
    const position = ((seed - 1) * STRIKES_EACH + index) * STRIDE;
    return STRIKE_NAMES[position % STRIKE_NAMES.length] ?? "at random";
  });
}
