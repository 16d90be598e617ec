import {
  decodeHandover,
  decodeHandoverAnswer,
  encodeHandover,
  encodeHandoverAnswer,
} from "@sluice/protocol";
import { sample, type Sample } from "./sample.ts";
import { signature } from "./worker-samples.ts";

export const handoverCodec = { encode: encodeHandover, decode: decodeHandover };
export const parties = { successor: "d2", owner: "d1", epoch: 4 };

/** The steps of a hand-over that carry no requests, and their answer. */
export const handoverSamples: readonly Sample[] = [
  sample("handover-prepare.bin", { kind: "prepare", ...parties, signatures: [signature] }, handoverCodec),
  sample(
    "handover-prepare-group.bin",
    { kind: "prepare", ...parties, signatures: [signature], queueGroup: "owner-4" },
    handoverCodec,
  ),
  sample(
    "handover-shares.bin",
    {
      kind: "shares",
      ...parties,
      part: 0,
      virtualTimes: [
        { kind: "group", name: "labs", aheadMs: 12.5 },
        { kind: "tenant", name: "acme", aheadMs: 250 },
      ],
    },
    handoverCodec,
  ),
  sample(
    "handover-shares-class.bin",
    {
      kind: "shares",
      ...parties,
      part: 0,
      virtualTimes: [{ kind: "group", name: "labs", class: "background", aheadMs: 12.5 }],
    },
    handoverCodec,
  ),
  sample("handover-abandon.bin", { kind: "abandon", ...parties }, handoverCodec),
  sample(
    "handover-answer.bin",
    { accepted: false, code: "unavailable", message: "draining" },
    { encode: encodeHandoverAnswer, decode: decodeHandoverAnswer },
  ),
];
