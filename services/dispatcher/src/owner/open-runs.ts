import type { Run } from "./open-request.ts";

/**
 * Every request of a pool that is open: that waits, or that a worker runs. Ids are unique for their caller only, so a request is
 * known by its reply subject and its id.
 */
export interface OpenRuns {
  find(reply: string, id: string): Run | undefined;
  /** Takes a run in, in place of another with the same reply subject and id. */
  add(run: Run): void;
  /** Forgets a run; another that took its place stays. */
  remove(run: Run): void;
}

export function createOpenRuns(): OpenRuns {
  /** Reply subject -> id -> run: a key of both would have to be made for every request. */
  const callers = new Map<string, Map<string, Run>>();

  return {
    find: (reply, id) => callers.get(reply)?.get(id),
    add: (run) => {
      let runs = callers.get(run.reply);
      if (runs === undefined) {
        runs = new Map();
        callers.set(run.reply, runs);
      }
      runs.set(run.id, run);
    },
    remove: (run) => {
      const runs = callers.get(run.reply);
      if (runs?.get(run.id) !== run) return;
      runs.delete(run.id);
      if (runs.size === 0) callers.delete(run.reply);
    },
  };
}
