import type { TensorLayout } from "./tensor.ts";

/** A value that a request parameter or a frame parameter may have. */
export type Scalar = string | number | boolean;
export type Parameters = Readonly<Record<string, Scalar>>;

/** How the caller wants its answer: Sluice's packed msgpack, or one Open-Inference-Protocol JSON document per frame. */
export type Accept = "msgpack" | "json";

/**
 * One request as every hop sees it. A pack of requests is written in columns: a field that has its default in every row
 * costs nothing. `body` holds the tensor bytes in the order of `inputs`; only the worker looks into it.
 */
export interface InferenceRequest {
  /** Unique for its caller's connection and the connection's life; 1 to 64 of `A-Z a-z 0-9 _ -`. */
  readonly id: string;
  /** Time the caller allows, from its call to its answer, in milliseconds; 0 = none given. */
  readonly timeoutMs: number;
  /** Time spent so far at the hops before this one, in milliseconds. */
  readonly queuedMs: number;
  /** Whether the caller wants every frame (true) or one result (false, the default). */
  readonly stream: boolean;
  readonly accept: Accept;
  readonly inputs: readonly TensorLayout[];
  /** Tensor bytes, one or more chunks that follow each other; a decoded request has one chunk, a view into its message. */
  readonly body: readonly Uint8Array[];
  /** Names of the wanted outputs; empty (the default) = all. */
  readonly outputs: readonly string[];
  /** Parameters that the model's signature declares. */
  readonly parameters: Parameters;
  /** The caller's own words, passed on to the worker; at most 16 entries. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Rows along the batch axis; default 1. Set by the owner from the inputs. */
  readonly items: number;
  /** Order among the requests of its tenant and model, higher first, -100 to 100; default 0. */
  readonly priority: number;
  /** Longest wait in the queue where the model allows one of the request's own, in milliseconds; default 0 = the model's. */
  readonly queueTimeoutMs: number;
  /** How often this request was given to a worker before; default 0. Set by the owner. */
  readonly attempt: number;
  /** First frame the caller still wants; default 0. Reserved. */
  readonly fromFrame: number;
  /** Whether running it twice gives the same frames; default false. Reserved. */
  readonly deterministic: boolean;
  /** Where the input lies if not in the body; default "". Reserved. */
  readonly inputRef: string;
  /** W3C trace context; default "". Passed on. */
  readonly traceparent: string;
  /** Cost estimate in worker-milliseconds; default 0 = unknown. Reserved. */
  readonly cost: number;
  /** Equal keys of one tenant mean the same request; default "". Reserved. */
  readonly idempotencyKey: string;
}

/** A request once the owner has admitted it: it knows whose it is and where its answer goes. */
export interface AdmittedRequest extends InferenceRequest {
  readonly tenant: string;
  /** Reply subject of the caller, checked: `sluice.v1.reply.<tenant>.<connection>` or `_INBOX.…`. */
  readonly reply: string;
}
