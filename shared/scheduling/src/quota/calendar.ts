const dayMs = 86_400_000;

/** The UTC day of a moment, as `YYYY-MM-DD`; days compare as their texts do. */
export function utcDay(wallMs: number): string {
  const { year, month, day } = toDate(Math.floor(wallMs / dayMs));
  return `${String(year).padStart(4, "0")}-${twoDigits(month)}-${twoDigits(day)}`;
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
  const dayNumber = Math.floor(wallMs / dayMs);
  const { month, day } = toDate(dayNumber);
  let next = dayNumber + daysOfShortestMonth - day + 1;
  while (toDate(next).month === month) next += 1;
  return next * dayMs - wallMs;
}

const daysOfShortestMonth = 28;

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const daysPerEra = 146_097;
/** From 0000-03-01, the first day of an era whose years begin in March, to 1970-01-01. */
const daysBeforeEpoch = 719_468;

/** The Gregorian date of a day counted from 1970-01-01. Source: H. Hinnant, "chrono-compatible low-level date algorithms". */
function toDate(dayNumber: number): CivilDate {
  const shifted = dayNumber + daysBeforeEpoch;
  const era = Math.floor(shifted / daysPerEra);
  const dayOfEra = shifted - era * daysPerEra;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  /** Counted from March. */
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1,
  };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
