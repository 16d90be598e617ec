/** How much the decode steps of one engine may hold. */
export interface StepLimits {
  /** Most sequences in one step. */
  readonly maxSequences: number;
  /** Most tokens of all sequences together, padded to the longest: their past has to fit the memory. */
  readonly maxTokens: number;
  /** Most tokens of one sequence; no more than `maxTokens`. */
  readonly maxContext: number;
}

/** What an engine holds. */
export interface HeldTokens {
  /** Of those in its steps, the most tokens that each may come to have. */
  readonly running: readonly number[];
  /** Tokens kept for sequences that are parked. */
  readonly parkedTokens: number;
}

/**
 * Whether a sequence fits beside those that run even when all of them come to their full length, so that none has to be
 * put out for the others to go on.
 */
export function fitsBeside(
  maxLength: number,
  { running, parkedTokens }: HeldTokens,
  limits: StepLimits,
): boolean {
  const count = running.length + 1;
  const longest = Math.max(maxLength, ...running);
  return count <= limits.maxSequences && count * longest + parkedTokens <= limits.maxTokens;
}

/** How many more sequences will probably fit beside those of these lengths, if they come to be no longer. */
export function roomBeside(maxLengths: readonly number[], limits: StepLimits): number {
  const longest = maxLengths.length === 0 ? limits.maxContext : Math.max(...maxLengths);
  const count = Math.min(limits.maxSequences, Math.floor(limits.maxTokens / longest));
  return Math.max(0, count - maxLengths.length);
}
