import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  admitted,
  amount,
  budgetRecord,
  defaultClassRecord,
  done,
  flag,
  frames,
  groupRecord,
  handover,
  ids,
  latencies,
  leaseAsks,
  leases,
  openRun,
  poolState,
  reply,
  requests,
  signature,
  signatures,
  tenantRecord,
  text,
  token,
  usually,
  whole,
} from "./arbitraries.ts";
import {
  codes,
  decodeBudgetRecord,
  decodeControl,
  decodeCredit,
  decodeCreditAnswer,
  decodeDefaultClassRecord,
  decodeGroupRecord,
  decodeHandover,
  decodeHandoverAnswer,
  decodeHeartbeat,
  decodeLeaseAsks,
  decodeLeases,
  decodeModelRecord,
  decodePoolEvent,
  decodePoolRecord,
  decodeReplyPack,
  decodeRequestPack,
  decodeResultPack,
  decodeResultsAck,
  decodeTenantRecord,
  decodeWorkerProfile,
  decodeWorkMessage,
  decodeWorkRefusal,
  encodeBudgetRecord,
  encodeControl,
  encodeCredit,
  encodeCreditAnswer,
  encodeDefaultClassRecord,
  encodeGroupRecord,
  encodeHandover,
  encodeHandoverAnswer,
  encodeHeartbeat,
  encodeLeaseAsks,
  encodeLeases,
  encodeModelRecord,
  encodePoolEvent,
  encodePoolRecord,
  encodeReplyPack,
  encodeRequestPack,
  encodeResultPack,
  encodeResultsAck,
  encodeTenantRecord,
  encodeWorkBatch,
  encodeWorkerProfile,
  encodeWorkRefusal,
  InferenceError,
} from "./index.ts";

interface Codec {
  readonly name: string;
  readonly roundTrip: () => void;
  readonly sample: () => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
}

function codec<T>(
  name: string,
  message: Arbitrary<T>,
  { encode, decode }: { encode: (message: T) => Uint8Array; decode: (bytes: Uint8Array) => unknown },
): Codec {
  return {
    name,
    decode,
    roundTrip: () =>
      fc.assert(
        fc.property(message, (value) => {
          expect(decode(encode(value))).toEqual(withOneChunk(value));
        }),
      ),
    sample: () => fc.sample(message, { numRuns: 1, seed: 7 }).map(encode)[0] ?? new Uint8Array(),
  };
}

/** A decoded row has its body in one chunk. */
function withOneChunk(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withOneChunk);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => [
      name,
      name === "body"
        ? [Uint8Array.from((field as Uint8Array[]).flatMap((chunk) => [...chunk]))]
        : withOneChunk(field),
    ]),
  );
}

const codecs = [
  codec("RequestPack", requests, {
    encode: encodeRequestPack,
    decode: (bytes) => decodeRequestPack(bytes).requests,
  }),
  codec(
    "WorkBatch",
    fc.record({
      kind: fc.constant("batch" as const),
      batchId: token,
      creditId: token,
      pool: token,
      model: token,
      epoch: whole,
      isReportAwaited: flag,
      heldMs: amount,
      requests: admitted,
    }),
    { encode: encodeWorkBatch, decode: decodeWorkMessage },
  ),
  codec(
    "ResultPack",
    fc.record({ worker: token, packId: usually("", token), model: token, version: text, frames }),
    {
      encode: encodeResultPack,
      decode: decodeResultPack,
    },
  ),
  codec("ReplyPack", fc.record({ model: token, version: text, frames }), {
    encode: encodeReplyPack,
    decode: decodeReplyPack,
  }),
  codec("Handover", handover, { encode: encodeHandover, decode: decodeHandover }),
  codec(
    "Control",
    fc.record(
      {
        kind: fc.constant("control" as const),
        reply,
        cancel: ids,
        windows: fc.array(fc.record({ id: token, frameLimit: whole })),
      },
      { requiredKeys: ["kind", "cancel", "windows"] },
    ),
    { encode: encodeControl, decode: decodeControl },
  ),
  codec(
    "Credit",
    fc.record(
      {
        creditId: token,
        worker: token,
        epoch: whole,
        models: ids,
        freeInMs: amount,
        capacity: whole,
        done: fc.array(done),
        openRuns: fc.array(openRun),
      },
      { requiredKeys: ["creditId", "worker", "epoch", "models", "freeInMs", "capacity", "done"] },
    ),
    { encode: encodeCredit, decode: decodeCredit },
  ),
  codec(
    "CreditAnswer",
    fc.record({ status: fc.constantFrom("moved" as const, "refused"), epoch: whole, message: text }),
    { encode: encodeCreditAnswer, decode: decodeCreditAnswer },
  ),
  codec("WorkRefusal", fc.record({ batchId: token, reason: text }), {
    encode: encodeWorkRefusal,
    decode: decodeWorkRefusal,
  }),
  codec(
    "Heartbeat",
    fc.record(
      {
        worker: token,
        epoch: whole,
        state: fc.constantFrom("starting" as const, "running", "draining"),
        batchIds: ids,
        costsMs: fc.array(amount),
      },
      { requiredKeys: ["worker", "epoch", "state", "batchIds"] },
    ),
    { encode: encodeHeartbeat, decode: decodeHeartbeat },
  ),
  codec("WorkerProfile", fc.record({ worker: token, device: text, models: signatures, latencies }), {
    encode: encodeWorkerProfile,
    decode: decodeWorkerProfile,
  }),
  codec(
    "PoolEvent",
    fc.record({
      pool: token,
      epoch: whole,
      owner: token,
      state: poolState,
      models: fc.array(fc.record({ name: token, version: text, workerCount: whole })),
    }),
    { encode: encodePoolEvent, decode: decodePoolEvent },
  ),
  codec("PoolRecord", fc.record({ owner: token, epoch: whole, state: poolState }), {
    encode: encodePoolRecord,
    decode: decodePoolRecord,
  }),
  codec("ModelRecord", fc.record({ pool: token, signature }), {
    encode: encodeModelRecord,
    decode: decodeModelRecord,
  }),
  codec("TenantRecord", tenantRecord, { encode: encodeTenantRecord, decode: decodeTenantRecord }),
  codec("GroupRecord", groupRecord, { encode: encodeGroupRecord, decode: decodeGroupRecord }),
  codec("DefaultClassRecord", defaultClassRecord, {
    encode: encodeDefaultClassRecord,
    decode: decodeDefaultClassRecord,
  }),
  codec("BudgetRecord", budgetRecord, { encode: encodeBudgetRecord, decode: decodeBudgetRecord }),
  codec("LeaseAsk", leaseAsks, { encode: encodeLeaseAsks, decode: decodeLeaseAsks }),
  codec("Lease", leases, { encode: encodeLeases, decode: decodeLeases }),
  codec("ResultsAck", fc.record({ instance: token, gone: ids }), {
    encode: encodeResultsAck,
    decode: decodeResultsAck,
  }),
  codec("HandoverAnswer", fc.record({ accepted: flag, code: fc.constantFrom(...codes), message: text }), {
    encode: encodeHandoverAnswer,
    decode: decodeHandoverAnswer,
  }),
];

describe.each(codecs)("$name", ({ roundTrip, sample, decode }) => {
  const decodeOrRefuse = (bytes: Uint8Array): void => {
    try {
      decode(bytes);
    } catch (error) {
      if (!(error instanceof InferenceError) || error.code !== "invalidArgument") throw error;
    }
  };

  test("decodes to what was encoded", roundTrip);

  test("refuses every truncation", () => {
    const bytes = sample();
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(() => decode(bytes.subarray(0, length))).toThrow(InferenceError);
    }
  });

  test("throws nothing but invalidArgument for flipped bits", () => {
    const bytes = sample();
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      decodeOrRefuse(flipped);
    }
  });

  test("throws nothing but invalidArgument for random bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), decodeOrRefuse), { numRuns: 300 });
  });
});
