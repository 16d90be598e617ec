import { z } from "zod";

/** A day, in milliseconds. Nobody waits longer for an answer, and the longest timer of the platform is 24 of them. */
const mostMs = 86_400_000;

/** A whole number of something, from 1 on; without `most`, any that is exact. */
export function count({ most = Number.MAX_SAFE_INTEGER }: { readonly most?: number } = {}): z.ZodInt {
  return z.int("expected a whole number").min(1, "expected at least 1").max(most, `expected at most ${most}`);
}

/** A duration, up to a day. */
export const milliseconds = z
  .number("expected milliseconds")
  .min(0, "expected milliseconds, at least 0")
  .max(mostMs, `expected milliseconds, at most ${mostMs}`);
