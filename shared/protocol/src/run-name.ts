/** Names a run: ids are unique for their caller only. */
export interface RunName {
  readonly id: string;
  /** Reply subject of its request; "" from a worker that does not tell it. */
  readonly reply: string;
}

/** The name of a run, without whatever else is known of it. */
export function runName({ id, reply }: RunName): RunName {
  return { id, reply };
}
