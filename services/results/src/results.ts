import type { Messaging } from "@sluice/messaging";
import { queueGroups, subjects } from "@sluice/protocol";
import {
  createLifecycle,
  type Clock,
  type Logger,
  type ServiceState,
  type StateChanged,
} from "@sluice/runtime";
import { createForwarder } from "./forwarder.ts";
import type { ResultsEvent } from "./results-event.ts";

export interface ResultsOptions {
  /** Token of this replica, unique among them. */
  readonly instance: string;
  /** Longest wait for open streams at shutdown, in milliseconds; streams that go on are picked up by another instance. */
  readonly graceMs: number;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEvent?: (event: ResultsEvent | StateChanged) => void;
}

/** One replica of the results service. */
export interface Results {
  readonly state: ServiceState;
  /**
   * Serves until `shutdown` aborts, then drains and resolves. Drain, in order: takes nothing more from the queue group; passes
   * on and acknowledges what had arrived; keeps its own subject for the streams it has, until each has ended or was silent for
   * a second, or `graceMs` is over; flushes. Closing the connection is left to whoever opened it.
   * @throws {Error} when called twice, or when the connection was closed.
   */
  run(shutdown: AbortSignal): Promise<void>;
}

/** Creates the results service; nothing is subscribed before {@link Results.run}. */
export function createResults(options: ResultsOptions): Results {
  const { instance, messaging, clock, log, onEvent = () => {} } = options;
  const lifecycle = createLifecycle({ log, service: "results", onEvent });
  let wasRun = false;

  const serve = async (shutdown: AbortSignal): Promise<void> => {
    using forwarder = createForwarder({
      instance,
      messaging,
      clock,
      onEvent: (event) => {
        logEvent(log, event);
        onEvent(event);
      },
    });
    const shared = messaging.subscribe(subjects.results(), forwarder.take, { queue: queueGroups.results });
    const own = messaging.subscribe(subjects.resultsInstance(instance), forwarder.take);
    using _connection = messaging.onEvent((event) => {
      if (event.type === "disconnected") forwarder.forgetSeen();
    });
    await messaging.flush();
    lifecycle.set("running");

    await untilStopped(messaging, shutdown);

    lifecycle.set("draining");
    await shared.drain();
    await streamsEnded();
    // Closing the connection sends what is left; while it is lost there is nobody to send it to.
    await own.drain();
    lifecycle.set("stopped");

    async function streamsEnded(): Promise<void> {
      const grace = new AbortController();
      using _timer = clock.schedule(options.graceMs, () => grace.abort());
      await forwarder.openStreams.whenQuiet(grace.signal);
      const { count: streamCount } = forwarder.openStreams;
      if (streamCount > 0) log.warn("streams were left to other instances", { streamCount });
    }
  };

  return {
    get state() {
      return lifecycle.state;
    },
    async run(shutdown) {
      if (wasRun) throw new Error("results was run twice");
      wasRun = true;
      try {
        await serve(shutdown);
      } catch (error) {
        lifecycle.set("failed");
        throw error;
      }
    },
  };
}

/** Resolves when `shutdown` aborts; rejects when the connection is closed for good. */
function untilStopped(messaging: Messaging, shutdown: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      closed[Symbol.dispose]();
      resolve();
    };
    const closed = messaging.onEvent((event) => {
      if (event.type !== "closed") return;
      closed[Symbol.dispose]();
      shutdown.removeEventListener("abort", onAbort);
      reject(new Error("the connection to NATS was closed", { cause: event.error }));
    });
    if (shutdown.aborted) onAbort();
    else shutdown.addEventListener("abort", onAbort, { once: true });
  });
}

function logEvent(log: Logger, event: ResultsEvent): void {
  switch (event.type) {
    case "packRefused":
      log.warn("result pack refused", { err: event.err });
      break;
    case "publishFailed":
      log.warn("frames not published", { frameCount: event.frameCount, err: event.err });
      break;
    case "packTaken":
      if (event.malformedCount > 0) {
        log.warn("frames with a wrong reply subject dropped", {
          worker: event.worker,
          model: event.model,
          frameCount: event.malformedCount,
        });
      }
      break;
    case "framesPublished":
    case "framesTooLarge":
    case "packAcknowledged":
      break;
  }
}
