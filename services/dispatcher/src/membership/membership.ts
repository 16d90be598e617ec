import type { KeyValue, KeyValueWatch, Messaging } from "@sluice/messaging";
import { heartbeatIntervalMs, InferenceError, silenceMs } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { createHeartbeatWatch, createLeaseClock } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import { deadKeyMs } from "../settings.ts";

/** This dispatcher's place among the others: its heartbeat, its lease, and who else is alive. */
export interface Membership {
  /**
   * Number of unbroken stretches of the lease. It grows whenever others may have taken our pools in between, or could not be
   * asked: an owner must read its record again before it relies on a new term.
   */
  readonly term: number;
  /** Whether our NATS server answers but JetStream does not: then nobody can take a pool, and owners go on. */
  readonly isJetStreamAway: boolean;
  /**
   * Until when everything was heard that was said, on the monotonic clock: when what our server has answered last was asked. A
   * silence counts no longer than that: where nothing comes at all the server may stand still, and nobody be dead.
   */
  readonly heardUntilMs: number;
  /** Whether pools may be relied on now. */
  isLeaseValid(): boolean;
  /** Everybody alive, this dispatcher included while its lease is valid. */
  living(): string[];
  start(): Promise<void>;
  /** Sends a heartbeat; called every {@link heartbeatIntervalMs}. Never rejects. */
  beat(): Promise<void>;
  /** Deletes our key, so that others need not wait for our silence. Best effort. */
  leave(): Promise<void>;
}

export interface MembershipOptions {
  readonly self: string;
  readonly bucket: KeyValue;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
}

const emptyHeartbeat = new TextEncoder().encode("{}");

export function createMembership(options: MembershipOptions): Membership {
  const { self, bucket, messaging, clock, onEvent } = options;
  const lease = createLeaseClock({ leaseMs: silenceMs });
  const others = createHeartbeatWatch({ silenceMs, gapMs: silenceMs / 2 });
  let watch: KeyValueWatch | undefined;
  let term = 0;
  let heardUntilMs = -Infinity;
  let isJetStreamAway = false;
  let writingSinceMs: number | undefined;
  let isProbing = false;
  let hasLeft = false;
  /** What an outage says once, and not with every heartbeat. */
  let isFailing = false;
  let hasLapsed = false;

  const noteFailure = (error: unknown): void => {
    if (!isFailing) onEvent({ type: "heartbeatFailed", error });
    isFailing = true;
  };

  const noteLapse = (): void => {
    if (!hasLapsed) onEvent({ type: "leaseLapsed" });
    hasLapsed = true;
  };

  const isLeaseValid = (): boolean => lease.isValid(clock.monotonicMs());

  const extend = (sentAtMs: number): void => {
    const wasValid = isLeaseValid();
    lease.acknowledge(sentAtMs);
    if (wasValid || !isLeaseValid()) return;
    term += 1;
    hasLapsed = false;
    if (term > 1) onEvent({ type: "leaseRegained", isJetStreamAway });
  };

  const written = (sentAtMs: number): void => {
    heardUntilMs = Math.max(heardUntilMs, sentAtMs);
    if (isJetStreamAway) {
      isJetStreamAway = false;
      term += 1;
    }
    others.watching(clock.monotonicMs());
    if (isFailing) onEvent({ type: "heartbeatsResumed" });
    isFailing = false;
    extend(sentAtMs);
  };

  /** Asks the server itself. If it answers while JetStream does not, JetStream is away; if it does not, we are cut off. */
  const probe = async (): Promise<void> => {
    if (isProbing || !messaging.isConnected) return;
    isProbing = true;
    const sentAtMs = clock.monotonicMs();
    try {
      await messaging.flush();
      heardUntilMs = Math.max(heardUntilMs, sentAtMs);
      if (writingSinceMs === undefined && !isJetStreamAway) return;
      isJetStreamAway = true;
      extend(sentAtMs);
    } finally {
      isProbing = false;
    }
  };

  const write = async (): Promise<void> => {
    const sentAtMs = clock.monotonicMs();
    writingSinceMs = sentAtMs;
    try {
      await bucket.put(self, emptyHeartbeat);
      written(sentAtMs);
    } catch (error) {
      noteFailure(error);
      if (InferenceError.from(error).code === "unavailable") await probe();
    } finally {
      writingSinceMs = undefined;
    }
  };

  /** Deletes the keys of dispatchers that are long dead. Every dispatcher does: one delete is enough, more do no harm. */
  const removeDead = async (): Promise<void> => {
    for (const name of others.silent(deadKeyMs, clock.monotonicMs())) {
      await bucket.delete(name);
      others.forget(name);
    }
  };

  return {
    get term() {
      return term;
    },
    get isJetStreamAway() {
      return isJetStreamAway;
    },
    get heardUntilMs() {
      return heardUntilMs;
    },
    isLeaseValid,
    living: () => {
      const names = others.living(clock.monotonicMs()).filter((name) => name !== self);
      return isLeaseValid() ? [...names, self] : names;
    },
    start: async () => {
      await write();
      watch = await bucket.watch((entry) => {
        if (entry.isDeleted) others.forget(entry.key);
        else others.beat(entry.key, entry.revision, clock.monotonicMs());
      });
    },
    beat: async () => {
      if (hasLeft) return;
      if (term > 0 && !isLeaseValid()) noteLapse();
      try {
        if (writingSinceMs === undefined) await (isJetStreamAway ? Promise.all([write(), probe()]) : write());
        else if (clock.monotonicMs() - writingSinceMs >= 2 * heartbeatIntervalMs) await probe();
        if (isLeaseValid() && !isJetStreamAway) await removeDead();
      } catch (error) {
        noteFailure(error);
      }
    },
    leave: async () => {
      hasLeft = true;
      watch?.stop();
      try {
        await bucket.delete(self);
      } catch (error) {
        onEvent({ type: "heartbeatFailed", error });
      }
    },
  };
}
