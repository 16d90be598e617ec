export const queueName = "overhead-probe";

/** What a BullMQ job carries. */
export interface ProbeJob {
  readonly input: readonly number[];
}
