/** Tells an owner when to hand a pool over: only once the same other has been named for a while, so that a flapping dispatcher moves nothing. */
export interface Succession {
  /** Notes who is named now. Returns the successor once it has been named without a break for `settleMs`. */
  name(candidate: string | undefined, nowMs: number): string | undefined;
}

export interface SuccessionOptions {
  readonly self: string;
  /** How long one candidate must be named, in milliseconds. */
  readonly settleMs: number;
}

export function createSuccession(options: SuccessionOptions): Succession {
  let named: string | undefined;
  let sinceMs = 0;
  return {
    name: (candidate, nowMs) => {
      if (candidate !== named) {
        named = candidate;
        sinceMs = nowMs;
      }
      if (named === undefined || named === options.self) return undefined;
      return nowMs - sinceMs >= options.settleMs ? named : undefined;
    },
  };
}
