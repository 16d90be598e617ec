import { messagingErrors } from "./messaging-error.ts";

/**
 * Bounds what was published and has not reached the server yet. The NATS client bounds nothing, and drops at every attempt to
 * reconnect what was published meanwhile; so while disconnected messages wait here, in order.
 */
export interface Outgoing {
  /**
   * Publishes through `send` now, or once connected.
   * @throws {InferenceError} `unavailable` when `maxPendingBytes` wait already.
   */
  publish(bytes: number, send: () => void): void;
  /** The connection is gone: from now on messages wait. */
  suspend(): void;
  /** It is back: sends what waited. */
  resume(): void;
}

export interface OutgoingOptions {
  readonly maxPendingBytes: number;
  /** Resolves when the server has everything sent before; rejects when the connection is lost. */
  readonly flush: () => Promise<void>;
  /** Told what a message that had waited threw when it was sent. */
  readonly onError: (error: unknown) => void;
}

/** Share of the bound after which the server is asked what it has: often enough not to stall, rarely enough to cost nothing. */
const probeRatio = 1 / 8;

export function createOutgoing({ maxPendingBytes, flush, onError }: OutgoingOptions): Outgoing {
  const waiting: (() => void)[] = [];
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
    publish(bytes, send) {
      if (pendingBytes + bytes > maxPendingBytes) throw messagingErrors.outgoingFull(maxPendingBytes);
      if (isSuspended) waiting.push(send);
      else send();
      pendingBytes += bytes;
      askServer();
    },
    suspend() {
      isSuspended = true;
      pendingBytes = 0;
      probe = undefined;
    },
    resume() {
      isSuspended = false;
      for (const send of waiting.splice(0)) {
        try {
          send();
        } catch (error) {
          onError(error);
        }
      }
      askServer();
    },
  };
}
