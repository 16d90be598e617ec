/* oxlint-disable no-restricted-globals -- a calendar of moments that are given; no clock is read */

const dayMs = 86_400_000;

/** The UTC day of a moment of the years 0 to 9999, as `YYYY-MM-DD`; days compare as their texts do. */
export function utcDay(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, "YYYY-MM-DD".length);
}

/** The month of a day that {@link utcDay} gave, as `YYYY-MM`. */
export function monthOf(day: string): string {
  return day.slice(0, "YYYY-MM".length);
}

/** Time until the next UTC day begins. */
export function untilNextDayMs(wallMs: number): number {
  return (Math.floor(wallMs / dayMs) + 1) * dayMs - wallMs;
}

/** Time until the next UTC month begins. */
export function untilNextMonthMs(wallMs: number): number {
  const date = new Date(wallMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) - wallMs;
}
