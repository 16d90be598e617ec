import {
  decodeInspectAnswer,
  decodeInspectQuestion,
  encodeInspectAnswer,
  encodeInspectQuestion,
} from "@sluice/protocol";
import { sample, type Sample } from "./sample.ts";

const questionCodec = { encode: encodeInspectQuestion, decode: decodeInspectQuestion };
const answerCodec = { encode: encodeInspectAnswer, decode: decodeInspectAnswer };

/** The questions that an owner answers about its pool, and its answers. */
export const inspectSamples: readonly Sample[] = [
  sample(
    "inspect-question-pool.json",
    { kind: "pool" },
    questionCodec,
  ),
  sample(
    "inspect-question-request.json",
    { kind: "request", id: "r1", tenant: "acme" },
    questionCodec,
  ),
  sample("inspect-question-model.json", { kind: "model", model: "scores" }, questionCodec),
  sample(
    "inspect-answer-model.json",
    {
      kind: "model",
      model: "scores",
      version: "3",
      maxBatchSize: 64,
      hasLengths: true,
      workers: [
        {
          worker: "w1",
          latency: {
            model: "scores",
            curve: { fixedMs: 4.5, perElementMs: 0.0625, perPairMs: 0.0005 },
            margin: 1.25,
            drift: 0.75,
            elementsPerByte: 0.25,
          },
        },
        { worker: "w2" },
      ],
    },
    answerCodec,
  ),
  sample(
    "inspect-answer-pool.json",
    {
      kind: "pool",
      pool: "gpu",
      epoch: 4,
      owner: "d1",
      workerCount: 2,
      models: [{ name: "scores", version: "3", workerCount: 2 }],
      queuedCount: 15,
      queuedBytes: 900,
      oldestMs: 40.5,
      inFlightCount: 3,
      tenants: [
        {
          tenant: "acme",
          group: "lab",
          weight: 3,
          waitingCount: 12,
          oldestMs: 40.5,
          inFlightCount: 2,
          receivedMs: 1250.25,
          share: 0.75,
          fairShare: 0.5,
          lagMs: -3.5,
          p50Ms: 20,
          p99Ms: 90.5,
          refusals: { permissionDenied: 2 },
        },
      ],
      others: {
        tenantCount: 1,
        waitingCount: 3,
        inFlightCount: 1,
        receivedMs: 10,
        share: 0.25,
        refusals: {},
      },
    },
    answerCodec,
  ),
  sample(
    "inspect-answer-pool-class.json",
    {
      kind: "pool",
      pool: "gpu",
      epoch: 4,
      owner: "d1",
      workerCount: 2,
      models: [],
      queuedCount: 0,
      queuedBytes: 0,
      oldestMs: 0,
      inFlightCount: 0,
      tenants: [
        {
          tenant: "acme",
          class: "background",
          group: "",
          weight: 1,
          waitingCount: 0,
          oldestMs: 0,
          inFlightCount: 0,
          receivedMs: 0,
          share: 0,
          fairShare: 0,
          lagMs: 0,
          refusals: {},
        },
      ],
      others: { tenantCount: 0, waitingCount: 0, inFlightCount: 0, receivedMs: 0, share: 0, refusals: {} },
    },
    answerCodec,
  ),
  sample(
    "inspect-answer-request.json",
    {
      kind: "request",
      id: "r1",
      requests: [
        {
          state: "waiting",
          tenant: "acme",
          model: "scores",
          attempt: 1,
          place: 3,
          aheadCount: 7,
          aheadMs: 70,
          startInMs: 35,
          timeLeftMs: 900,
          isHeld: false,
        },
        {
          state: "running",
          tenant: "other",
          model: "scores",
          attempt: 0,
          worker: "w1",
          batchId: "b1",
          sinceMs: 5,
        },
      ],
    },
    answerCodec,
  ),
];
