import type { Message, Messaging } from "@sluice/messaging";
import type { WorkBatch } from "@sluice/protocol";
import { decodeWorkMessage, encodeWorkRefusal, parseSubject } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import type { OpenBatch } from "./batch/open-batch.ts";
import { createOpenBatch } from "./batch/open-batch.ts";
import type { OpenBatches } from "./batch/open-batches.ts";
import type { ServedModel } from "./models/served-model.ts";
import type { WorkerEvent } from "./worker-event.ts";

export interface WorkIntakeOptions {
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly batches: OpenBatches;
  /** Epoch of the pool's owner as far as this worker knows. */
  readonly epoch: () => number;
  readonly isDraining: () => boolean;
  readonly modelOf: (name: string) => ServedModel | undefined;
  /** Closes the credit that a batch answers; false if it answers none. */
  readonly takeCredit: (work: WorkBatch) => boolean;
  /** Called after a refusal: the owner drops this worker's credits then. */
  readonly onRefused: () => void;
  /** Takes an accepted batch. */
  readonly accept: (batch: OpenBatch, model: ServedModel) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/**
 * Creates the handler of `work.*.<worker>`. A batch is accepted once: one that comes again is ignored, and one that this
 * worker will not run is refused on its reply subject, so that its owner queues it again at once.
 */
export function createWorkIntake(options: WorkIntakeOptions): (message: Message) => void {
  const { messaging, clock, batches, onEvent } = options;

  const refuse = (
    { batchId, model }: WorkBatch,
    { reply, reason }: { reply: string; reason: string },
  ): void => {
    if (reply !== "") messaging.publish(reply, encodeWorkRefusal({ batchId, reason }));
    onEvent({ type: "batchRefused", batchId, model, reason });
    options.onRefused();
  };

  const receive = (work: WorkBatch, reply: string): void => {
    const { batchId, model } = work;
    if (batches.isKnown(batchId)) {
      onEvent({ type: "batchRepeated", batchId, model });
      return;
    }
    const served = options.modelOf(model);
    if (served === undefined) {
      refuse(work, { reply, reason: `the worker does not serve ${model}` });
      return;
    }
    const reason = reasonToRefuse(work, options);
    if (reason !== undefined) {
      refuse(work, { reply, reason });
      return;
    }
    const batch = createOpenBatch(work, clock.monotonicMs());
    batches.add(batch);
    onEvent({ type: "batchReceived", batchId, model, requestCount: work.requests.length });
    options.accept(batch, served);
  };

  return (message) => {
    const work = decodeWorkMessage(message.payload);
    if (work.kind === "batch") {
      receive(work, message.reply);
      return;
    }
    const subject = parseSubject(message.subject);
    if (subject?.kind === "work") batches.control(subject.model, work);
  };
}

function reasonToRefuse(work: WorkBatch, options: WorkIntakeOptions): string | undefined {
  const epoch = options.epoch();
  if (work.epoch < epoch) return `epoch ${work.epoch} is over, the pool is in epoch ${epoch}`;
  if (options.isDraining()) return "the worker is draining";
  return options.takeCredit(work) ? undefined : `credit ${work.creditId} is not open`;
}
