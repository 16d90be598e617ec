import { describe, expect, test } from "vitest";
import { InferenceError } from "./error.ts";
import {
  decodeInspectAnswer,
  decodeInspectQuestion,
  encodeInspectAnswer,
  encodeInspectError,
  encodeInspectQuestion,
} from "./inspect-codec.ts";
import type { InspectQuestion, ModelReport, PoolReport, RequestReport, TenantReport } from "./inspect.ts";

const tenant: TenantReport = {
  tenant: "acme",
  group: "lab",
  weight: 3,
  waitingCount: 12,
  oldestMs: 40.5,
  inFlightCount: 2,
  receivedMs: 1250.25,
  share: 0.7,
  fairShare: 0.75,
  lagMs: -3.5,
  p50Ms: 20,
  p99Ms: 90,
  refusals: { permissionDenied: 2 },
};

const others = {
  tenantCount: 0,
  waitingCount: 0,
  inFlightCount: 0,
  receivedMs: 0,
  share: 0,
  refusals: {},
};

const pool: PoolReport = {
  kind: "pool",
  pool: "gpu",
  epoch: 4,
  owner: "d1",
  workerCount: 2,
  models: [{ name: "echo", version: "1", workerCount: 2 }],
  queuedCount: 12,
  queuedBytes: 900,
  oldestMs: 40.5,
  inFlightCount: 2,
  tenants: [tenant],
  others,
};

const waiting = {
  state: "waiting",
  tenant: "acme",
  model: "echo",
  attempt: 1,
  place: 3,
  aheadCount: 7,
  aheadMs: 70,
  startInMs: 35,
  timeLeftMs: 900,
  isHeld: false,
} as const;

const model: ModelReport = {
  kind: "model",
  model: "echo",
  version: "1",
  maxBatchSize: 8,
  hasLengths: true,
  workers: [
    {
      worker: "w1",
      latency: {
        model: "echo",
        curve: { fixedMs: 4.5, perElementMs: 0.5, perPairMs: 0 },
        margin: 1.25,
        drift: 0.75,
        elementsPerByte: 0.25,
      },
    },
  ],
};

function bytesOf(document: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document));
}

describe("inspect questions", () => {
  test.each<InspectQuestion>([
    { kind: "pool" },
    { kind: "request", id: "r1" },
    { kind: "request", id: "r1", tenant: "acme" },
    { kind: "model", model: "echo" },
  ])("are read as they were written: %j", (question) => {
    expect(decodeInspectQuestion(encodeInspectQuestion(question))).toEqual(question);
  });

  test.each([
    [{}, '"kind" is missing, expected one of pool, request, model'],
    [{ kind: "request" }, '"id" is missing, expected 1 to 64 of A-Z a-z 0-9 _ -'],
    [{ kind: "request", id: "r1", tenant: "*" }, '"tenant" is "*", expected 1 to 64 of A-Z a-z 0-9 _ -'],
    [["pool"], '"question" is a list of 1, expected a map'],
  ])("are refused naming what was expected: %j", (document, message) => {
    expect(() => decodeInspectQuestion(bytesOf(document))).toThrow(
      new InferenceError("invalidArgument", message),
    );
  });
});

describe("inspect answers", () => {
  test("are read as they were written", () => {
    const running = {
      state: "running",
      tenant: "beta",
      model: "echo",
      attempt: 0,
      worker: "w1",
      batchId: "b1",
      sinceMs: 5,
    } as const;
    const request: RequestReport = { kind: "request", id: "r1", requests: [waiting, running] };
    for (const answer of [pool, request, model])
      expect(decodeInspectAnswer(encodeInspectAnswer(answer))).toEqual(answer);
  });

  test("may leave out what nobody knows", () => {
    const { p50Ms: _p50Ms, p99Ms: _p99Ms, ...unmeasured } = tenant;
    const { startInMs: _startInMs, ...unforeseen } = waiting;
    for (const answer of [
      { ...pool, tenants: [unmeasured] },
      { ...model, workers: [{ worker: "w2" }] },
      { kind: "request", id: "r1", requests: [unforeseen] } as const,
    ]) {
      expect(decodeInspectAnswer(encodeInspectAnswer(answer))).toEqual(answer);
    }
  });

  test("may say more than this version knows", () => {
    const refusals = { permissionDenied: 1, tooLoud: 3 };
    const answer = { ...pool, color: "red", others: { ...others, refusals } };
    expect(decodeInspectAnswer(bytesOf(answer))).toEqual({
      ...pool,
      others: { ...others, refusals: { permissionDenied: 1 } },
    });
  });

  test("throw the error they carry", () => {
    const error = new InferenceError("unavailable", "not now");
    expect(() => decodeInspectAnswer(encodeInspectError(error))).toThrow(error);
    expect(() => decodeInspectAnswer(bytesOf({ error: "odd", code: "ok" }))).toThrow(
      new InferenceError("internal", "odd"),
    );
  });

  test.each([
    [{ ...pool, queuedCount: -1 }, '"queuedCount" is -1, expected a whole number from 0 on'],
    [{ ...pool, tenants: [{ ...tenant, share: 1.5 }] }, '"share" is 1.5, expected a number from 0 to 1'],
    [
      { ...pool, tenants: Array.from({ length: 101 }, () => tenant) },
      '"tenants" is a list of 101, expected at most 100',
    ],
    [
      { kind: "request", id: "r1", requests: [{ ...waiting, state: "lost" }] },
      '"state" is "lost", expected one of waiting, running',
    ],
    [{ kind: "queue" }, '"kind" is "queue", expected one of pool, request, model'],
  ])("are refused naming what was expected", (document, message) => {
    expect(() => decodeInspectAnswer(bytesOf(document))).toThrow(
      new InferenceError("invalidArgument", message),
    );
  });
});

describe.each([
  {
    decoder: "decodeInspectQuestion()",
    decode: decodeInspectQuestion,
    bytes: encodeInspectQuestion({ kind: "request", id: "r1" }),
  },
  { decoder: "decodeInspectAnswer()", decode: decodeInspectAnswer, bytes: encodeInspectAnswer(pool) },
])("$decoder", ({ decode, bytes }) => {
  test("throws nothing but a typed error, whatever bit is wrong and wherever the message ends", () => {
    const decodeOrRefuse = (message: Uint8Array): void => {
      try {
        decode(message);
      } catch (error) {
        expect(error).toBeInstanceOf(InferenceError);
      }
    };
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      decodeOrRefuse(flipped);
    }
    for (let length = 0; length < bytes.byteLength; length++) decodeOrRefuse(bytes.subarray(0, length));
  });
});
