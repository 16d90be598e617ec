/** Of the calls, the part that is to be answered in time where a machine carries them. */
const carriedRatio = 0.95;
const firstPerSecond = 1_000;
const stepRatio = 1.25;
/** One step may fail by chance, where something else uses the machine for a moment. */
const mostFailed = 2;

/**
 * Finds how many calls a second a machine carries: offers more and more, until it has answered too few in time twice in a row.
 * @param inTimeRatio - offers so many calls a second; resolves with the part that was answered in time
 * @throws {Error} when it does not even carry the first
 */
export async function findCarriedRate(
  inTimeRatio: (ratePerSecond: number) => Promise<number>,
): Promise<number> {
  let carried: number | undefined;
  let failedCount = 0;
  for (let ratePerSecond = firstPerSecond; failedCount < mostFailed; ratePerSecond *= stepRatio) {
    if ((await inTimeRatio(ratePerSecond)) < carriedRatio) {
      failedCount += 1;
    } else {
      failedCount = 0;
      carried = ratePerSecond;
    }
  }
  if (carried === undefined) throw new Error(`the machine does not carry ${firstPerSecond} calls a second`);
  return carried;
}
