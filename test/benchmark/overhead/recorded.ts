import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isWithin, type BarReport } from "./bars.ts";
import { isExcused, type Disturbance } from "./disturbance.ts";

/** What bars measured when they were recorded last, by their names. */
export type RecordedFigures = Readonly<Record<string, number>>;

/** The benchmark runs in the root of the repository. */
const recordedPath = resolve("test/benchmark/overhead/recorded.json");

/** How many times worse a figure may be than the recorded one: short windows, beside other programs, differ by a half. */
const tolerance = 2;

/** A figure beside the recorded one. */
export interface Check {
  readonly name: string;
  readonly measured: number;
  readonly recorded: number;
  readonly verdict: keyof typeof verdicts;
}

const verdicts = { asRecorded: "as recorded", worse: "WORSE", disturbed: "worse, but disturbed" };

/**
 * Compares figures with the recorded ones, whether or not their bars are met. A count that does not depend on the speed of
 * the machine is held against its bar instead. What was not recorded is left out.
 */
export function checkFigures(
  bars: readonly BarReport[],
  { recorded, disturbance }: { readonly recorded: RecordedFigures; readonly disturbance: Disturbance },
): readonly Check[] {
  return bars.flatMap(({ name, measured, limit, basis }) => {
    const figure = recorded[name];
    if (figure === undefined) return [];
    const tolerated = "atMost" in limit ? { atMost: figure * tolerance } : { atLeast: figure / tolerance };
    const isAsRecorded = isWithin(measured, basis === "count" ? limit : tolerated);
    const otherwise = isExcused(basis, disturbance) ? "disturbed" : "worse";
    return [{ name, measured, recorded: figure, verdict: isAsRecorded ? "asRecorded" : otherwise }];
  });
}

export function formatCheck({ name, measured, recorded, verdict }: Check): string {
  return `${verdicts[verdict]}: ${name}: ${measured.toPrecision(3)} (recorded ${recorded.toPrecision(3)})`;
}

/** @throws {Error} when the file holds anything but numbers. */
export async function readRecorded(): Promise<RecordedFigures> {
  const figures: unknown = JSON.parse(await readFile(recordedPath, "utf8"));
  const entries = Object.entries(figures ?? {});
  const wrong = entries.find(([, figure]) => typeof figure !== "number");
  if (wrong !== undefined) throw new Error(`${recordedPath}: "${wrong[0]}" is not a number`);
  return Object.fromEntries(entries);
}

/** Keeps what was measured for later checks; figures of bars that did not run stay. */
export async function writeRecorded(bars: readonly BarReport[]): Promise<void> {
  const before = await readRecorded();
  const now = Object.fromEntries(bars.map(({ name, measured }) => [name, Number(measured.toPrecision(3))]));
  await writeFile(recordedPath, `${JSON.stringify({ ...before, ...now }, null, 2)}\n`);
}
