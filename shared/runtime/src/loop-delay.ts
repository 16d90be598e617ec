/** How often the event loop is looked at, in milliseconds: 20 wakes a process 50 times a second, some 0.3 % of a processor. */
export const loopResolutionMs = 20;

const nanosecondsPerMs = 1e6;
const msPerSecond = 1e3;

/**
 * What the event loop was late, in seconds, by what Node's histogram of its delay holds: the time from one look to the next,
 * the interval between them included.
 * @param intervalNs - NaN where nothing was seen yet; that is no delay.
 */
export function loopDelaySeconds(intervalNs: number): number {
  const lateMs = intervalNs / nanosecondsPerMs - loopResolutionMs;
  return lateMs > 0 ? lateMs / msPerSecond : 0;
}
