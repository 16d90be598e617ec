import type { Code } from "@sluice/protocol";

/** What the results service tells; metrics, log lines and tests derive from it. */
export type ResultsEvent =
  /** A message could not be read: dropped, not acknowledged. */
  | { readonly type: "packRefused"; readonly err: unknown }
  | {
      readonly type: "packTaken";
      readonly worker: string;
      readonly model: string;
      readonly frameCount: number;
      /** Frames of a pack that was passed on before: all of them or none. */
      readonly duplicateCount: number;
      /** Frames whose reply subject nobody may be answered on. */
      readonly malformedCount: number;
    }
  /** Frames of one pack went out to their callers. */
  | {
      readonly type: "framesPublished";
      readonly frameCount: number;
      readonly codes: ReadonlyMap<Code, number>;
    }
  /** Frames did not go out; their packs are not acknowledged, so their workers send them again. */
  | { readonly type: "publishFailed"; readonly frameCount: number; readonly err: unknown }
  /** Frames were too large for one message; their callers were told `resourceExhausted`. */
  | { readonly type: "framesTooLarge"; readonly frameCount: number }
  /** `ackMs` runs from the arrival of the pack; `goneCount` counts the streams that were reported as without reader. */
  | { readonly type: "packAcknowledged"; readonly ackMs: number; readonly goneCount: number };
