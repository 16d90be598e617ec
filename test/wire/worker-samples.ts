import {
  decodeHeartbeat,
  decodeWorkerProfile,
  encodeHeartbeat,
  encodeWorkerProfile,
  type ModelSignature,
} from "@sluice/protocol";
import { sample, type Sample } from "./sample.ts";

/** A model with everything that a signature can say. */
export const signature: ModelSignature = {
  name: "scores",
  version: "3",
  forms: [
    {
      name: "tensors",
      inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }],
      outputs: [{ name: "score", datatype: "FP16", shape: [-1] }],
    },
  ],
  parameters: [
    { name: "top", type: "number", minimum: 1, maximum: 9 },
    { name: "mode", type: "string" },
  ],
  hasBatchAxis: true,
  maxBatchSize: 64,
  isIterative: false,
};

/** What workers tell of themselves. */
export const workerSamples: readonly Sample[] = [
  sample(
    "heartbeat.bin",
    { worker: "w1", epoch: 4, state: "running", batchIds: ["b1", "b2"] },
    { encode: encodeHeartbeat, decode: decodeHeartbeat },
  ),
  sample(
    "heartbeat-costs.bin",
    { worker: "w1", epoch: 4, state: "running", batchIds: ["b1", "b2"], costsMs: [0, 12.5] },
    { encode: encodeHeartbeat, decode: decodeHeartbeat },
  ),
  sample(
    "worker-profile.bin",
    { worker: "w1", device: "cpu", models: [signature], latencies: [] },
    { encode: encodeWorkerProfile, decode: decodeWorkerProfile },
  ),
  sample(
    "worker-profile-latencies.bin",
    {
      worker: "w1",
      device: "cpu",
      models: [signature],
      latencies: [
        {
          model: signature.name,
          curve: { fixedMs: 4.5, perElementMs: 0.0625, perPairMs: 0.0005 },
          margin: 1.25,
          drift: 0.75,
          elementsPerByte: 0.25,
        },
      ],
    },
    { encode: encodeWorkerProfile, decode: decodeWorkerProfile },
  ),
  sample(
    "worker-profile-text-length.bin",
    {
      worker: "w1",
      device: "cpu",
      models: [signature],
      latencies: [
        {
          model: signature.name,
          curve: { fixedMs: 4.5, perElementMs: 0.0625, perPairMs: 0.0005 },
          margin: 1.25,
          drift: 0.75,
          elementsPerByte: 0.25,
          maxTextLength: 512,
        },
      ],
    },
    { encode: encodeWorkerProfile, decode: decodeWorkerProfile },
  ),
  sample(
    "worker-profile-request-items.bin",
    { worker: "w1", device: "cpu", models: [{ ...signature, maxRequestItems: 1024 }], latencies: [] },
    { encode: encodeWorkerProfile, decode: decodeWorkerProfile },
  ),
  sample(
    "worker-profile-batch-tokens.bin",
    { worker: "w1", device: "cpu", models: [{ ...signature, maxBatchTokens: 4096 }], latencies: [] },
    { encode: encodeWorkerProfile, decode: decodeWorkerProfile },
  ),
  sample(
    "worker-profile-batching.bin",
    {
      worker: "w1",
      device: "cpu",
      models: [
        {
          ...signature,
          sloMs: 50,
          batching: {
            preferredBatchSizes: [8, 16],
            maxQueueDelayMs: 2.5,
            preserveOrdering: true,
            maxQueueSize: 100,
            defaultQueueTimeoutMs: 40,
            allowTimeoutOverride: true,
            timeoutAction: "delay",
          },
        },
      ],
      latencies: [],
    },
    { encode: encodeWorkerProfile, decode: decodeWorkerProfile },
  ),
];
