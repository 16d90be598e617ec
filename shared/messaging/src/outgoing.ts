import { InferenceError } from "@sluice/protocol";
import { messagingErrors } from "./messaging-error.ts";

/** A message that is published. */
export interface OutgoingMessage {
  readonly bytes: number;
  /** Sends it, on the connection that there is now. */
  readonly send: () => void;
  /** Told what {@link OutgoingMessage.send} threw after the message had waited. */
  readonly onUnsent: (error: InferenceError) => void;
}

/**
 * Bounds what was published and has not reached the server yet. The NATS client bounds nothing, and drops at every attempt to
 * reconnect what was published meanwhile; so while disconnected messages wait here, in order.
 */
export interface Outgoing {
  /**
   * Sends the message now, or once connected. Tells whether it waits.
   * @throws {InferenceError} `unavailable` when `maxPendingBytes` wait already; what the message throws where it is sent now.
   */
  publish(message: OutgoingMessage): boolean;
  /** Takes a message back that still waits: nobody would be there for its answer. One that was sent stays sent. */
  withdraw(message: OutgoingMessage): void;
  /** The connection is gone: from now on messages wait. */
  suspend(): void;
  /** It is back: sends what waited. */
  resume(): void;
}

export interface OutgoingOptions {
  readonly maxPendingBytes: number;
  /** Resolves when the server has everything sent before; rejects when the connection is lost. */
  readonly flush: () => Promise<void>;
}

/** Share of the bound after which the server is asked what it has: often enough not to stall, rarely enough to cost nothing. */
const probeRatio = 1 / 8;

export function createOutgoing({ maxPendingBytes, flush }: OutgoingOptions): Outgoing {
  const waiting = new Set<OutgoingMessage>();
  let isSuspended = false;
  let pendingBytes = 0;
  /** The question the server has not answered; one of an earlier connection is forgotten. */
  let probe: object | undefined;

  /** Asks the server what it has while much may be on its way, one question at a time. */
  const askServer = (): void => {
    if (probe !== undefined || isSuspended || pendingBytes <= maxPendingBytes * probeRatio) return;
    const own = {};
    probe = own;
    const probedBytes = pendingBytes;
    flush().then(
      () => {
        if (probe !== own) return;
        probe = undefined;
        pendingBytes -= probedBytes;
        askServer();
      },
      () => {
        // The connection was lost, and with it what had been sent: suspend() starts the count anew.
        if (probe === own) probe = undefined;
      },
    );
  };

  return {
    publish(message) {
      const { bytes } = message;
      if (pendingBytes + bytes > maxPendingBytes) throw messagingErrors.outgoingFull(maxPendingBytes);
      if (isSuspended) waiting.add(message);
      else message.send();
      pendingBytes += bytes;
      askServer();
      return isSuspended;
    },
    withdraw(message) {
      if (waiting.delete(message)) pendingBytes -= message.bytes;
    },
    suspend() {
      isSuspended = true;
      pendingBytes = 0;
      probe = undefined;
    },
    resume() {
      isSuspended = false;
      const due = [...waiting];
      waiting.clear();
      for (const message of due) {
        try {
          message.send();
        } catch (error) {
          message.onUnsent(InferenceError.from(error));
        }
      }
      askServer();
    },
  };
}
