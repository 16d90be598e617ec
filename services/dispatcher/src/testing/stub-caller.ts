import type { Messaging } from "@sluice/messaging";
import {
  decodeReplyPack,
  encodeControl,
  encodeRequestPack,
  subjects,
  type Control,
  type Frame,
  type InferenceRequest,
} from "@sluice/protocol";
import { aRequest } from "@sluice/testing";

/** A client that does only what a test tells it. */
export interface StubCaller {
  readonly reply: string;
  /** What it was answered by the dispatcher. */
  readonly frames: readonly Frame[];
  /** How many messages they came in. */
  readonly messageCount: number;
  /** How many of its messages found nobody (503). */
  readonly undeliveredCount: number;
  send(...requests: readonly Partial<InferenceRequest>[]): void;
  /** Without a reply subject all requests of the tenant are meant. */
  control(fields: Partial<Control>, options?: { readonly reply?: string }): void;
  /** Code of the frame for a request, `undefined` while there is none. */
  codeOf(id: string): string | undefined;
}

export interface StubCallerOptions {
  readonly messaging: Messaging;
  readonly tenant?: string;
  readonly model?: string;
}

export function createStubCaller(options: StubCallerOptions): StubCaller {
  const { messaging, tenant = "acme", model = "echo" } = options;
  const reply = subjects.reply(tenant, messaging.connectionId);
  const frames: Frame[] = [];
  let messageCount = 0;
  let undeliveredCount = 0;
  messaging.subscribe(reply, (message) => {
    if (message.isNoResponders || message.payload.byteLength === 0) {
      undeliveredCount += 1;
      return;
    }
    messageCount += 1;
    frames.push(...decodeReplyPack(message.payload).frames);
  });
  return {
    reply,
    frames,
    get messageCount() {
      return messageCount;
    },
    get undeliveredCount() {
      return undeliveredCount;
    },
    send: (...requests) => {
      messaging.publish(
        subjects.infer(model, tenant),
        encodeRequestPack(requests.map((request) => aRequest({ timeoutMs: 60_000, ...request }))),
        { reply },
      );
    },
    control: (fields, options = {}) => {
      const payload = encodeControl({ kind: "control", cancel: [], windows: [], ...fields });
      messaging.publish(subjects.cancel(model, tenant), payload, options);
    },
    codeOf: (id) => frames.find((frame) => frame.id === id)?.code,
  };
}
