import type { ErrorCode } from "@sluice/protocol";

/** What a client tells beside the outcome of its calls. */
export type ClientEvent =
  /** A call was refused before it was run and is sent again, as request `id`, after `delayMs`. */
  | {
      readonly type: "retried";
      readonly model: string;
      readonly id: string;
      /** 1 for the first retry. */
      readonly retryCount: number;
      readonly code: ErrorCode;
      readonly delayMs: number;
    }
  /** A call that was refused is not tried again: what the client may spend on retries is spent. */
  | { readonly type: "retryWithheld"; readonly model: string; readonly id: string; readonly code: ErrorCode }
  /** A call was refused without being sent, since most calls of its model are refused. */
  | { readonly type: "throttled"; readonly model: string }
  /** Open requests were sent again, because the pool's owner crashed, nobody took them, or the connection was lost meanwhile. */
  | {
      readonly type: "resent";
      readonly model: string;
      readonly reason: "ownerLost" | "noResponders" | "reconnected";
      readonly requestCount: number;
    }
  /** A frame was dropped: its call has ended, a run that is followed no more sent it, or it came before. */
  | {
      readonly type: "frameIgnored";
      readonly model: string;
      readonly id: string;
      readonly reason: "ended" | "olderRun" | "duplicate";
    }
  /** A message could not be read. */
  | { readonly type: "messageIgnored"; readonly subject: string; readonly err: unknown }
  | { readonly type: "disconnected" }
  | { readonly type: "reconnected" };
