import type { Random } from "@sluice/runtime";

/** Rounds after which nothing of a seed is recognisable in the numbers. */
const mixingRounds = 15;

/**
 * Creates a repeatable source of numbers. Streams of one seed are independent of each other, so that a simulation may give
 * every load its own: then all of them stay as they are when one is added.
 *
 * Source: `sfc32` of Chris Doty-Humphrey's PractRand, seeded as there: two words, a counter from 1, rounds thrown away.
 */
export function createRandom(seed: number, stream: number): Random {
  let a = seed | 0;
  let b = stream | 0;
  let c = 0;
  let counter = 1;

  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };

  for (let round = 0; round < mixingRounds; round++) next();
  return next;
}
