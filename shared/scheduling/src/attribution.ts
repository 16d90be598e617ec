/**
 * What one request of a batch costs: the time of the batch, shared by what each request would have cost alone. The parts add up to
 * real time, and nobody pays for padding or for being joined with others.
 * @param batchMs - worker-milliseconds of the batch, at least 0
 * @param alone - what the request would cost alone, above 0, in any unit
 * @param allAlone - the sum of `alone` over the batch, in the same unit
 */
export function attributeCost(batchMs: number, alone: number, allAlone: number): number {
  return (batchMs * alone) / allAlone;
}
