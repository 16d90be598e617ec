/** A sequence that wants to be in the next decode step. */
export interface StepCandidate {
  /** Tokens that the decoder has not seen, at least one. */
  readonly unreadCount: number;
}

/**
 * Says how many tokens of each candidate the next decode step takes. Whoever has one is in it: it only needs its next
 * token. The others read their prompts; together they get at most `maxPromptTokens`, but at least one each, so that nobody
 * waits for others to finish. Short prompts are read whole and the longer ones by the same number of tokens, so that these
 * run together.
 * @returns in the order of the candidates.
 */
export function planStep(candidates: readonly StepCandidate[], maxPromptTokens: number): number[] {
  const unread = candidates.map(({ unreadCount }) => unreadCount).filter((count) => count > 1);
  unread.sort((a, b) => a - b);
  let left = maxPromptTokens;
  let chunk = Infinity;
  for (const [index, count] of unread.entries()) {
    const share = Math.max(1, Math.floor(left / (unread.length - index)));
    if (count > share) {
      chunk = share;
      break;
    }
    left -= count;
  }
  return candidates.map(({ unreadCount }) => Math.min(unreadCount, chunk));
}
