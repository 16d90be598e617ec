import {
  createFrame,
  decodeControl,
  decodeCredit,
  decodeCreditAnswer,
  decodePoolEvent,
  decodeModelRecord,
  decodePoolRecord,
  decodeReplyPack,
  decodeRequestPack,
  decodeResultPack,
  decodeResultsAck,
  decodeWorkMessage,
  decodeWorkRefusal,
  encodeControl,
  encodeCredit,
  encodeCreditAnswer,
  encodePoolEvent,
  encodeModelRecord,
  encodePoolRecord,
  encodeReplyPack,
  encodeRequestPack,
  encodeResultPack,
  encodeResultsAck,
  encodeWorkBatch,
  encodeWorkRefusal,
  requestDefaults,
  type AdmittedRequest,
  type Frame,
  type InferenceRequest,
  type WorkBatch,
} from "@sluice/protocol";
import { handoverCodec, handoverSamples, parties } from "./handover-samples.ts";
import { inspectSamples } from "./inspect-samples.ts";
import { quotaSamples } from "./quota-samples.ts";
import { sample, type Sample } from "./sample.ts";
import { tenantSamples } from "./tenant-samples.ts";
import { signature, workerSamples } from "./worker-samples.ts";

const plainRequest: InferenceRequest = {
  ...requestDefaults,
  id: "r1",
  inputs: [{ name: "x", datatype: "FP32", shape: [1, 2] }],
  body: [Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 64)],
};

const fullRequest: InferenceRequest = {
  id: "r2",
  timeoutMs: 1500.5,
  queuedMs: 2.25,
  stream: true,
  accept: "json",
  inputs: [
    { name: "ids", datatype: "INT64", shape: [2, 1] },
    { name: "text", datatype: "BYTES", shape: [] },
  ],
  body: [Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 195, 169)],
  outputs: ["label", "score"],
  parameters: { top: 5, mode: "fast", exact: true },
  metadata: { trace: "é" },
  items: 2,
  priority: -7,
  queueTimeoutMs: 0,
  attempt: 1,
  fromFrame: 12,
  deterministic: true,
  inputRef: "object:a/b",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  cost: 3.5,
  idempotencyKey: "once",
};

const caller = { tenant: "acme", reply: "sluice.v1.reply.acme.c1" };
const admitted: readonly AdmittedRequest[] = [
  { ...plainRequest, ...caller },
  { ...fullRequest, tenant: "other", reply: "_INBOX.q1" },
];

const plainFrame: Frame = createFrame(
  { id: "r1", ...caller, accept: "msgpack", attempt: 0 },
  { body: [new Uint8Array()] },
);

const fullFrame: Frame = {
  id: "r2",
  tenant: "other",
  reply: "_INBOX.q1",
  accept: "json",
  epoch: 4,
  attempt: 1,
  frame: 12,
  final: false,
  code: "resourceExhausted",
  message: "too much",
  details: { limit: 3, known: ["a", "b"], hard: true },
  retryAfterMs: 250,
  timings: { queuedMs: 1.5, batchMs: 0.25, transferMs: 0.125, inferenceMs: 8, totalMs: 9.875 },
  outputs: [{ name: "score", datatype: "FP16", shape: [1, 2] }],
  body: [Uint8Array.of(0, 60, 0, 192)],
  parameters: { finish_reason: "length", tokens: 3 },
};

const tokenFrame: Frame = {
  ...fullFrame,
  timings: { ...fullFrame.timings, firstTokenMs: 4.5, tokenMs: 0.75 },
};

const requestCodec = {
  encode: encodeRequestPack,
  decode: (bytes: Uint8Array) => decodeRequestPack(bytes).requests,
};
const batch: Omit<WorkBatch, "requests"> = {
  kind: "batch",
  batchId: "b1",
  creditId: "k1",
  pool: "gpu",
  model: "scores",
  epoch: 4,
  isReportAwaited: false,
};
const workCodec = { encode: encodeWorkBatch, decode: decodeWorkMessage };
const resultCodec = { encode: encodeResultPack, decode: decodeResultPack };
const result = { worker: "w1", packId: "p1", model: "scores", version: "3" };
const replyCodec = { encode: encodeReplyPack, decode: decodeReplyPack };
const creditCodec = { encode: encodeCredit, decode: decodeCredit };

/** Every message of the protocol, with all fields, and with defaults only where it has defaults. */
export const samples: readonly Sample[] = [
  sample("request-pack.bin", [plainRequest, fullRequest], requestCodec),
  sample("request-pack-defaults.bin", [plainRequest], requestCodec),
  sample("request-pack-queue-timeout.bin", [{ ...plainRequest, queueTimeoutMs: 20 }], requestCodec),
  sample("work-batch.bin", { ...batch, requests: admitted }, workCodec),
  sample("work-batch-awaited.bin", { ...batch, isReportAwaited: true, requests: admitted }, workCodec),
  sample("work-batch-held.bin", { ...batch, heldMs: 2.5, requests: admitted }, workCodec),
  sample("work-batch-defaults.bin", { ...batch, requests: admitted.slice(0, 1) }, workCodec),
  sample("result-pack.bin", { ...result, frames: [plainFrame, fullFrame] }, resultCodec),
  sample("result-pack-defaults.bin", { ...result, frames: [plainFrame] }, resultCodec),
  sample("result-pack-tokens.bin", { ...result, frames: [tokenFrame, plainFrame] }, resultCodec),
  sample("reply-pack.bin", { model: "scores", version: "3", frames: [plainFrame, fullFrame] }, replyCodec),
  sample("reply-pack-defaults.bin", { model: "scores", version: "3", frames: [plainFrame] }, replyCodec),
  sample(
    "credit-useless.bin",
    {
      creditId: "k1",
      worker: "w1",
      epoch: 4,
      models: [],
      freeInMs: 0,
      capacity: 0,
      done: [{ batchId: "b1", costMs: 12.5, uselessMs: 2.5, agoMs: 0, returned: [], failed: [], unrun: [] }],
    },
    { encode: encodeCredit, decode: decodeCredit },
  ),
  sample(
    "credit.bin",
    {
      creditId: "k1",
      worker: "w1",
      epoch: 4,
      models: ["scores", "other"],
      freeInMs: 1.5,
      capacity: 64,
      done: [{ batchId: "b0", costMs: 12.5, uselessMs: 0, agoMs: 0, returned: [{ id: "r3", reply: "" }], failed: [{ id: "r4", reply: "" }], unrun: [] }],
      openRuns: [{ id: "r5", ...caller, model: "scores", batchId: "b1", epoch: 3, attempt: 1 }],
    },
    creditCodec,
  ),
  sample(
    "credit-replies.bin",
    {
      creditId: "k1",
      worker: "w1",
      epoch: 4,
      models: [],
      freeInMs: 0,
      capacity: 0,
      done: [
        {
          batchId: "b0",
          costMs: 12.5,
          uselessMs: 0,
          agoMs: 0,
          returned: [{ id: "r3", reply: caller.reply }],
          failed: [{ id: "r3", reply: "_INBOX.q2" }],
          unrun: [],
        },
      ],
    },
    creditCodec,
  ),
  sample(
    "credit-unrun.bin",
    {
      creditId: "k1",
      worker: "w1",
      epoch: 4,
      models: [],
      freeInMs: 0,
      capacity: 0,
      done: [
        { batchId: "b0", costMs: 12.5, uselessMs: 0, agoMs: 0, returned: [], failed: [], unrun: [{ id: "r3", reply: caller.reply }] },
      ],
    },
    creditCodec,
  ),
  sample(
    "credit-defaults.bin",
    { creditId: "k1", worker: "w1", epoch: 0, models: [], freeInMs: 0, capacity: 0, done: [] },
    creditCodec,
  ),
  sample(
    "credit-ago.bin",
    {
      creditId: "k1",
      worker: "w1",
      epoch: 4,
      models: [],
      freeInMs: 0,
      capacity: 0,
      done: [{ batchId: "b0", costMs: 12.5, uselessMs: 0, agoMs: 20.25, returned: [], failed: [], unrun: [] }],
    },
    creditCodec,
  ),
  sample(
    "credit-answer.bin",
    { status: "moved", epoch: 5, message: "d2 owns the pool" },
    { encode: encodeCreditAnswer, decode: decodeCreditAnswer },
  ),
  sample(
    "work-refusal.bin",
    { batchId: "b1", reason: "draining" },
    { encode: encodeWorkRefusal, decode: decodeWorkRefusal },
  ),
  sample(
    "control.bin",
    { kind: "control", cancel: ["r1"], windows: [{ id: "r2", frameLimit: 128 }] },
    { encode: encodeControl, decode: decodeControl },
  ),
  sample(
    "control-reply.bin",
    { kind: "control", reply: "_INBOX.c1.1", cancel: ["r1"], windows: [{ id: "r2", frameLimit: 128 }] },
    { encode: encodeControl, decode: decodeControl },
  ),
  sample(
    "pool-event.bin",
    {
      pool: "gpu",
      epoch: 4,
      owner: "d1",
      state: "taken",
      models: [{ name: "scores", version: "3", workerCount: 2 }],
    },
    { encode: encodePoolEvent, decode: decodePoolEvent },
  ),
  sample(
    "pool-record.json",
    { owner: "d1", epoch: 4, state: "owned" },
    { encode: encodePoolRecord, decode: decodePoolRecord },
  ),
  sample("model-record.json", { pool: "gpu", signature }, { encode: encodeModelRecord, decode: decodeModelRecord }),
  sample(
    "results-ack.bin",
    { instance: "i1", gone: ["r2"] },
    { encode: encodeResultsAck, decode: decodeResultsAck },
  ),
  sample(
    "handover-state.bin",
    {
      kind: "state",
      ...parties,
      part: 1,
      last: true,
      model: "scores",
      batchId: "b1",
      worker: "w1",
      requests: admitted,
    },
    handoverCodec,
  ),
  ...handoverSamples,
  ...inspectSamples,
  ...quotaSamples,
  ...tenantSamples,
  ...workerSamples,
];
