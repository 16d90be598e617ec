/**
 * Chooses whom packs go to: the queue group of the results service, or one instance of it. A server takes an instance whose process
 * stands still, or whose host is gone, for a member of the group until its connection ends, which takes minutes; every pack that
 * it is given meanwhile must be sent again. Time is an argument.
 */
export interface ResultsChoice {
  /** The instance to send to; "" = the queue group. */
  instance(nowMs: number): string;
  /** Takes note that an instance acknowledged a pack. */
  answered(instance: string, nowMs: number): void;
  /** Takes note that a pack was not acknowledged, which went to `instance`, or to the queue group (""), at `sentMs`. */
  unanswered(pack: { readonly instance: string; readonly sentMs: number }, nowMs: number): void;
}

/** How long the group is kept out of: then one pack tells whether the dead member is gone. */
const avoidGroupMs = 10_000;

/** Creates a choice that begins with the queue group. */
export function createResultsChoice(): ResultsChoice {
  let last = { instance: "", atMs: -Infinity };
  let preferred = { instance: "", untilMs: -Infinity };

  return {
    instance: (nowMs) => (nowMs < preferred.untilMs ? preferred.instance : ""),
    answered: (instance, atMs) => {
      last = { instance, atMs };
    },
    unanswered: ({ instance, sentMs }, nowMs) => {
      if (instance !== "" && instance !== preferred.instance) return;
      // Only an instance that has answered since is known to live.
      const livesElsewhere = last.atMs >= sentMs && last.instance !== instance;
      preferred = livesElsewhere
        ? { instance: last.instance, untilMs: nowMs + avoidGroupMs }
        : { instance: "", untilMs: -Infinity };
    },
  };
}
