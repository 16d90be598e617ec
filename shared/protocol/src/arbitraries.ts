import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import { timeoutActions } from "./batching-rules.ts";
import { codes } from "./code.ts";
import type { Frame } from "./frame.ts";
import { maxWeight, minWeight } from "./limits.ts";
import type { AdmittedRequest, InferenceRequest } from "./request.ts";
import type { LeaseShortage } from "./quota.ts";
import { tenantClasses } from "./tenant-class.ts";
import type { GroupRecord, TenantRecord } from "./tenant-record.ts";
import { datatypes } from "./tensor.ts";

const tokenCharacters = "ABCXYZabcxyz0189_-".split("");
export const token = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1, maxLength: 64 });
export const ids = fc.array(token, { maxLength: 4 });
export const text = fc.string({ unit: "grapheme", maxLength: 40 });
export const flag = fc.boolean();
export const whole = fc.nat();
const positive = fc.double({ min: 0, minExcluded: true, noDefaultInfinity: true, noNaN: true });
export const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
export const reply = fc.tuple(token, token).map((tokens) => `_INBOX.${tokens.join(".")}`);
const key = text.filter((name) => name !== "__proto__");
const scalar = fc.oneof(text, flag, fc.integer(), amount);
const parameters = fc.dictionary(key, scalar, { maxKeys: 4 });
const size = fc.nat({ max: 1000 });
const datatype = fc.constantFrom(...datatypes);
const layout = fc.record({ name: text, datatype, shape: fc.array(size, { maxLength: 4 }) });
export const layouts = fc.array(layout, { maxLength: 3 });
export const body = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 });

/** Mostly the default, as in real packs, so that all three ways to write a column are met. */
export function usually<T>(value: T, otherwise: Arbitrary<T>): Arbitrary<T> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: otherwise });
}

const accept = fc.constantFrom<InferenceRequest["accept"]>("msgpack", "json");
const requestFields = {
  id: token,
  timeoutMs: usually(0, amount),
  queuedMs: usually(0, amount),
  stream: usually(false, flag),
  accept,
  inputs: layouts,
  body,
  outputs: usually([], fc.array(text, { maxLength: 3 })),
  parameters: usually({}, parameters),
  metadata: usually({}, fc.dictionary(key, text, { maxKeys: 16 })),
  items: usually(1, fc.integer({ min: 1 })),
  priority: usually(0, fc.integer({ min: -100, max: 100 })),
  queueTimeoutMs: usually(0, amount),
  attempt: usually(0, whole),
  fromFrame: usually(0, whole),
  deterministic: usually(false, flag),
  inputRef: usually("", text),
  traceparent: usually("", text),
  cost: usually(0, amount),
  idempotencyKey: usually("", text),
};
export const requests = fc.array<InferenceRequest>(fc.record(requestFields), { maxLength: 6 });
export const admitted = fc.array<AdmittedRequest>(fc.record({ ...requestFields, tenant: token, reply }), {
  maxLength: 6,
});
/** What was measured of generated text is above 0, and of its tokens only from the second on. */
const tokenTimings = fc.oneof(
  fc.constant({}),
  fc.record({ firstTokenMs: positive }),
  fc.record({ firstTokenMs: positive, tokenMs: positive }),
);
const timings = fc
  .record({
    queuedMs: amount,
    batchMs: amount,
    transferMs: usually(0, amount),
    inferenceMs: amount,
    totalMs: amount,
  })
  .chain((stages) => usually({}, tokenTimings).map((tokens) => ({ ...stages, ...tokens })));
export const frames = fc.array<Frame>(
  fc.record({
    id: token,
    tenant: usually("", token),
    reply: usually("", reply),
    accept,
    epoch: whole,
    attempt: usually(0, whole),
    frame: usually(0, whole),
    final: usually(true, flag),
    code: fc.constantFrom(...codes),
    message: usually("", text),
    details: usually(
      {},
      fc.dictionary(key, fc.oneof(scalar, fc.array(text, { maxLength: 3 })), { maxKeys: 3 }),
    ),
    retryAfterMs: usually(0, amount),
    timings,
    outputs: layouts,
    body,
    parameters: usually({}, parameters),
  }),
  { maxLength: 6 },
);

const spec = fc.record({
  name: text,
  datatype,
  shape: fc.array(fc.integer({ min: -1, max: 4096 }), { maxLength: 4 }),
});
export const signature = fc.record(
  {
    name: token,
    version: text,
    forms: fc.array(fc.record({ name: text, inputs: fc.array(spec), outputs: fc.array(spec) }), {
      maxLength: 2,
    }),
    parameters: fc.array(
      fc.record(
        {
          name: text,
          type: fc.constantFrom("string" as const, "number", "boolean"),
          minimum: amount,
          maximum: amount,
        },
        { requiredKeys: ["name", "type"] },
      ),
      { maxLength: 2 },
    ),
    hasBatchAxis: flag,
    maxBatchSize: fc.integer({ min: 1 }),
    maxRequestItems: fc.integer({ min: 1 }),
    maxBatchTokens: fc.integer({ min: 1 }),
    isIterative: flag,
    sloMs: fc.double({ min: 0.1, max: 1e6, noNaN: true }),
    batching: fc.record({
      preferredBatchSizes: fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 3 }),
      maxQueueDelayMs: amount,
      preserveOrdering: flag,
      maxQueueSize: whole,
      defaultQueueTimeoutMs: amount,
      allowTimeoutOverride: flag,
      timeoutAction: fc.constantFrom(...timeoutActions),
    }),
  },
  { requiredKeys: ["name", "version", "forms", "parameters", "hasBatchAxis", "maxBatchSize", "isIterative"] },
);
export const latencies = fc.array(
  fc.record(
    {
      model: token,
      curve: fc.record({ fixedMs: positive, perElementMs: amount, perPairMs: amount }),
      margin: fc.double({ min: 1, max: 2, noNaN: true }),
      drift: positive,
      elementsPerByte: amount,
      maxTextLength: fc.integer({ min: 1 }),
    },
    { requiredKeys: ["model", "curve", "margin", "drift", "elementsPerByte"] },
  ),
);
export const signatures = fc.array(signature, { maxLength: 2 });
export const poolState = fc.constantFrom("owned" as const, "taken", "handedOver", "released");
export const openRun = fc.record({
  id: token,
  tenant: token,
  reply,
  model: token,
  batchId: token,
  epoch: whole,
  attempt: whole,
});
const runNames = fc.array(fc.record({ id: token, reply: fc.oneof(fc.constant(""), reply) }), {
  maxLength: 5,
});
/** What is 0 is left out of a message. */
const amountOrNone = fc.oneof(fc.constant(0), amount);
export const done = fc.record({
  batchId: token,
  costMs: amount,
  agoMs: amountOrNone,
  uselessMs: amountOrNone,
  returned: runNames,
  failed: runNames,
  unrun: runNames,
});
const parties = { successor: token, owner: token, epoch: whole };

const groupFields = {
  weight: usually(1, fc.double({ min: minWeight, max: maxWeight, noNaN: true })),
  minShare: usually(0, fc.double({ min: 0, max: 1, noNaN: true })),
  maxInFlight: fc.integer({ min: 1 }),
  maxQueueSeconds: positive,
  rateMsPerSecond: positive,
  burstMs: positive,
  dailyBudgetSeconds: positive,
  monthlyBudgetSeconds: positive,
  models: ids,
};
const tenantClass = fc.constantFrom(...tenantClasses);
const tenantFields = { ...groupFields, group: usually("", token), class: tenantClass };
export const budgetRecord = fc.record({
  day: fc.constantFrom("2026-11-22", "2027-01-01"),
  daySpentMs: amount,
  monthSpentMs: amount,
});
const payer = { of: fc.constantFrom("tenant" as const, "group"), name: token };
export const leaseAsks = fc.array(fc.record({ ...payer, owedMs: fc.integer(), wantMs: amount }), {
  maxLength: 4,
});
const shortOf = fc.constantFrom<LeaseShortage>(
  "none",
  "pending",
  "unavailable",
  "rateMsPerSecond",
  "dailyBudgetSeconds",
  "monthlyBudgetSeconds",
);
export const leases = fc.array(
  fc.record({ ...payer, grantedMs: amount, shortOf, waitMs: amount, spentMs: amount }),
  { maxLength: 4 },
);
export const groupRecord = fc.record<GroupRecord, "weight">(groupFields, { requiredKeys: ["weight"] });
export const tenantRecord = fc.record<TenantRecord, "weight" | "group" | "minShare">(tenantFields, {
  requiredKeys: ["weight", "group", "minShare"],
});
export const defaultClassRecord = fc
  .tuple(tenantRecord, fc.constantFrom("admit" as const, "deny"))
  .map(([record, unknownTenants]) => ({ ...record, unknownTenants }));
export const handover = fc.oneof(
  fc.record(
    { kind: fc.constant("prepare" as const), ...parties, signatures, queueGroup: token },
    { requiredKeys: ["kind", "successor", "owner", "epoch", "signatures"] },
  ),
  fc.record({ kind: fc.constant("abandon" as const), ...parties }),
  fc.record({
    kind: fc.constant("shares" as const),
    ...parties,
    part: whole,
    virtualTimes: fc.array(
      fc.record(
        {
          kind: fc.constantFrom("tenant" as const, "group" as const),
          name: token,
          class: tenantClass,
          aheadMs: amount,
        },
        { requiredKeys: ["kind", "name", "aheadMs"] },
      ),
    ),
  }),
  fc.record({
    kind: fc.constant("state" as const),
    ...parties,
    part: whole,
    last: flag,
    model: usually("", token),
    batchId: usually("", token),
    worker: usually("", token),
    requests: admitted,
  }),
);
