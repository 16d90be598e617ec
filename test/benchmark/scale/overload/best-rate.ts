const firstPerSecond = 1_000;
const stepRatio = 1.25;
/** A step may fail by chance, or while processes are still new: so many in a row, twice the load, do not. */
const mostWithoutMore = 3;

/**
 * Finds the rate of calls at which most are answered in time each second: offers more and more, until that has not helped for
 * three steps. Beyond it a machine is overloaded.
 * @param goodputAt - offers so many calls a second; resolves with those that were answered in time each second
 * @throws {Error} when none was answered in time
 */
export async function findBestRate(goodputAt: (ratePerSecond: number) => Promise<number>): Promise<number> {
  let best = { ratePerSecond: 0, goodput: 0 };
  let withoutMoreCount = 0;
  for (let ratePerSecond = firstPerSecond; withoutMoreCount < mostWithoutMore; ratePerSecond *= stepRatio) {
    const goodput = await goodputAt(ratePerSecond);
    if (goodput > best.goodput) {
      best = { ratePerSecond, goodput };
      withoutMoreCount = 0;
    } else {
      withoutMoreCount += 1;
    }
  }
  if (best.goodput === 0) throw new Error("no call was answered in time");
  return best.ratePerSecond;
}
