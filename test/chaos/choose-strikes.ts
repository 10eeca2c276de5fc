import { type StrikeName, STRIKES } from "./strikes.ts";

/** Strikes of one seed; more would make a run long, and the seeds share them out. */
const STRIKES_EACH = 4;
/** Primes that do not divide the number of strikes: each walks through all of them, in another order. */
const STRIDES = [7, 11, 5, 13] as const;

/** All strikes by name. */
export const STRIKE_NAMES = Object.keys(STRIKES) as StrikeName[]; // the keys of a constant

/** The strikes of a seed: consecutive seeds go through all of them, again and again. */
export function chooseStrikes(seed: number): readonly StrikeName[] {
  return Array.from({ length: STRIKES_EACH }, (_, index) => {
    const position = (seed - 1) * STRIKES_EACH + index;
    const round = Math.floor(position / STRIKE_NAMES.length);
    const stride = STRIDES[round % STRIDES.length] ?? STRIDES[0];
    return STRIKE_NAMES[(position * stride) % STRIKE_NAMES.length] ?? "at random";
  });
}
