import { connectMessaging, type Messaging } from "@sluice/messaging";
import {
  decodeReplyPack,
  encodeRequestPack,
  InferenceError,
  requestDefaults,
  subjects,
  type Frame,
  type InferenceRequest,
  type TensorLayout,
} from "@sluice/protocol";
import { createId, silentLogger, systemClock } from "@sluice/runtime";
import { createPendingCalls } from "../../measure/pending-calls.ts";

/** One call of a tenant: the number that its model is to give back. */
export interface TenantCall {
  readonly tenant: string;
  readonly model: string;
  readonly value: number;
  readonly timeoutMs: number;
}

/**
 * Calls of many tenants over one connection and one subscription. An SDK client is made for a tenant or some: each listens to
 * the announcements of every pool, so 10,000 of them in one process would hear 10,000 messages a second for each pool.
 */
export interface Gateway {
  /** Resolves with what the model gave back. A tenant's calls of one tick travel together. */
  call(call: TenantCall): Promise<number>;
}

const numberLayout: readonly TensorLayout[] = [{ name: "input", datatype: "FP64", shape: [1, 1] }];

/** What a tenant says to a model in one tick. */
interface TenantPack {
  readonly tenant: string;
  readonly model: string;
  readonly requests: InferenceRequest[];
}

export async function connectGateway(server: string): Promise<Gateway> {
  const messaging = await connectMessaging({
    servers: [server],
    name: "tenants",
    log: silentLogger,
    clock: systemClock,
  });
  const inbox = `_INBOX.${createId()}`;
  const calls = createPendingCalls<number>();
  messaging.subscribe(`${inbox}.*`, ({ payload, isNoResponders }) => {
    // It does not say whose: the call stays open, and the window that waits for it is given up.
    if (isNoResponders) return;
    for (const frame of decodeReplyPack(payload).frames) {
      if (frame.code === "ok") calls.resolve(frame.id, numberOf(frame));
      else calls.reject(frame.id, new InferenceError(frame.code, frame.message));
    }
  });
  await messaging.flush();
  const outbox = createOutbox(messaging, inbox);
  return {
    call: ({ tenant, model, value, timeoutMs }) =>
      calls.open((id) => {
        const body = [new Uint8Array(Float64Array.of(value).buffer)];
        outbox.add({ tenant, model }, { ...requestDefaults, id, timeoutMs, inputs: numberLayout, body });
      }),
  };
}

interface Outbox {
  add(caller: { readonly tenant: string; readonly model: string }, request: InferenceRequest): void;
}

function createOutbox(messaging: Messaging, inbox: string): Outbox {
  let packs = new Map<string, TenantPack>();

  function flush(): void {
    const due = packs;
    packs = new Map();
    for (const { tenant, model, requests } of due.values()) {
      const reply = `${inbox}.${tenant}`;
      messaging.publish(subjects.infer(model, tenant), encodeRequestPack(requests), { reply });
    }
  }

  return {
    add({ tenant, model }, request) {
      if (packs.size === 0) queueMicrotask(flush);
      const subject = subjects.infer(model, tenant);
      let pack = packs.get(subject);
      if (pack === undefined) {
        pack = { tenant, model, requests: [] };
        packs.set(subject, pack);
      }
      pack.requests.push(request);
    },
  };
}

function numberOf({ body }: Frame): number {
  const [bytes] = body;
  if (bytes?.byteLength !== Float64Array.BYTES_PER_ELEMENT) return NaN;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat64(0, true);
}
