import type { Message } from "@sluice/messaging";
import type { Clock } from "@sluice/runtime";
import { answerRead, streamToRead } from "./memory-jetstream-api.ts";
import { type Envelope, toMessage } from "./memory-message.ts";
import { createMemoryStream, type MemoryStream, type MemoryStreamOptions } from "./memory-stream.ts";
import { matchesSubject } from "./subject-match.ts";

/** A connection as the broker sees it. */
export interface Endpoint {
  /** Whether messages reach it; what is sent to it meanwhile is lost, as in core NATS. */
  isReachable: boolean;
  /** What has come for it while its process stands still; `undefined` while that runs. */
  held: (() => void)[] | undefined;
}

/** One subscription; the broker writes `isOpen`, the subscriber closes it. */
export interface BrokerSubscription {
  readonly endpoint: Endpoint;
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly handler: (message: Message) => void;
  isOpen: boolean;
}

/** Routes messages between endpoints, in order and never within the call that publishes. */
export interface MemoryBroker {
  isJetStreamAvailable: boolean;
  subscribe(subscription: BrokerSubscription): void;
  /** Routes nothing more to it; what was routed before is still dispatched unless it is closed. */
  unsubscribe(subscription: BrokerSubscription): void;
  publish(sender: Endpoint, envelope: Envelope): void;
  /** Resolves once everything routed so far has been dispatched. */
  flush(): Promise<void>;
  /** The stream of this name, made on first use. */
  stream(options: MemoryStreamOptions): MemoryStream;
}

const encoder = new TextEncoder();

export function createMemoryBroker(clock: Clock): MemoryBroker {
  const subscriptions = new Set<BrokerSubscription>();
  const streams = new Map<string, MemoryStream>();
  let deliveries: (() => void)[] = [];
  let groupTurn = 0;

  const deliver = (delivery: () => void): void => {
    deliveries.push(delivery);
    if (deliveries.length === 1) {
      clock.afterRead(() => {
        const due = deliveries;
        deliveries = [];
        for (const each of due) each();
      });
    }
  };

  const route = (targets: Iterable<BrokerSubscription>, envelope: Envelope): void => {
    const message = toMessage(envelope);
    for (const target of targets) {
      const dispatch = (): void => {
        const { isReachable, held } = target.endpoint;
        if (!target.isOpen || !isReachable) return;
        if (held === undefined) target.handler(message);
        else held.push(dispatch);
      };
      deliver(dispatch);
    }
  };

  /** Every subscription without a queue group, and of each group one, in turn. */
  const targetsOf = (subject: string): BrokerSubscription[] => {
    const targets: BrokerSubscription[] = [];
    const groups = new Map<string, BrokerSubscription[]>();
    for (const subscription of subscriptions) {
      if (!subscription.endpoint.isReachable || !matchesSubject(subscription.pattern, subject)) continue;
      if (subscription.queue === undefined) targets.push(subscription);
      else groups.set(subscription.queue, [...(groups.get(subscription.queue) ?? []), subscription]);
    }
    for (const members of groups.values()) {
      const member = members[groupTurn++ % members.length];
      if (member !== undefined) targets.push(member);
    }
    return targets;
  };

  /** JetStream's answer to a message that it takes; `undefined` if it does not. */
  const askJetStream = (envelope: Envelope): unknown => {
    if (!broker.isJetStreamAvailable) return undefined;
    const read = streams.get(streamToRead(envelope.subject) ?? "");
    if (read !== undefined) return answerRead(read, envelope.payload);
    return [...streams.values()].find((stream) => stream.takes(envelope.subject))?.append(envelope);
  };

  const broker: MemoryBroker = {
    isJetStreamAvailable: true,
    subscribe: (subscription) => void subscriptions.add(subscription),
    unsubscribe: (subscription) => void subscriptions.delete(subscription),
    publish(sender, envelope) {
      const targets = targetsOf(envelope.subject);
      const ack = askJetStream(envelope);
      route(targets, envelope);
      if (envelope.reply === "") return;
      if (ack !== undefined) {
        const payload = encoder.encode(JSON.stringify(ack));
        route(targetsOf(envelope.reply), answerTo(envelope, { payload, isNoResponders: false }));
      } else if (targets.length === 0) {
        const own = [...subscriptions].filter(
          ({ endpoint, pattern }) => endpoint === sender && matchesSubject(pattern, envelope.reply),
        );
        route(own, answerTo(envelope, { payload: new Uint8Array(), isNoResponders: true }));
      }
    },
    flush: () => new Promise((resolve) => deliver(resolve)),
    stream(options) {
      const stream = streams.get(options.name) ?? createMemoryStream(options);
      streams.set(options.name, stream);
      return stream;
    },
  };
  return broker;
}

function answerTo(question: Envelope, answer: Pick<Envelope, "payload" | "isNoResponders">): Envelope {
  return { subject: question.reply, reply: "", headers: {}, ...answer };
}
