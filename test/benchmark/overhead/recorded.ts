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

/**
 * What was recorded on machines of about this speed. Ratios between different programs depend on it: Fastify takes four times as long
 * on one machine as on another where Sluice takes twice as long.
 */
export interface MachineFigures {
  /** CPU microseconds per request of bare NATS with 256 calls open. */
  readonly bareCpuUs: number;
  readonly figures: RecordedFigures;
}

/** Those of the machine whose speed is nearest; the first where that was not measured. */
export function nearestMachine(
  machines: readonly MachineFigures[],
  bareCpuUs: number | undefined,
): MachineFigures | undefined {
  if (bareCpuUs === undefined) return machines[0];
  const distance = (machine: MachineFigures): number => Math.abs(Math.log(machine.bareCpuUs / bareCpuUs));
  return machines.toSorted((left, right) => distance(left) - distance(right))[0];
}

/** @throws {Error} when the file holds anything else. */
export async function readRecorded(): Promise<readonly MachineFigures[]> {
  const machines: unknown = JSON.parse(await readFile(recordedPath, "utf8"));
  if (!Array.isArray(machines) || !machines.every(isMachineFigures)) {
    throw new Error(`${recordedPath}: expected [{ "bareCpuUs": number, "figures": { name: number } }]`);
  }
  return machines;
}

function isMachineFigures(value: unknown): value is MachineFigures {
  const { bareCpuUs, figures } = Object(value);
  return (
    typeof bareCpuUs === "number" &&
    Object.values(Object(figures)).every((figure) => typeof figure === "number")
  );
}

/** A machine is another one where bare NATS takes so many times longer, or shorter. */
const speedStep = 1.5;

/** What is recorded once this was measured: instead of what there was of a machine of this speed, where figures that did not run stay. */
export function withRecorded(
  machines: readonly MachineFigures[],
  { bareCpuUs, bars }: { readonly bareCpuUs: number; readonly bars: readonly BarReport[] },
): readonly MachineFigures[] {
  const nearest = nearestMachine(machines, bareCpuUs);
  const isSame =
    nearest !== undefined && Math.abs(Math.log(nearest.bareCpuUs / bareCpuUs)) < Math.log(speedStep);
  const before = isSame ? nearest : undefined;
  const now = Object.fromEntries(bars.map(({ name, measured }) => [name, rounded(measured)]));
  const machine = { bareCpuUs: rounded(bareCpuUs), figures: { ...before?.figures, ...now } };
  return [machine, ...machines.filter((other) => other !== before)];
}

function rounded(figure: number): number {
  return Number(figure.toPrecision(3));
}

/** Keeps what was measured for later checks. */
export async function writeRecorded(measured: Parameters<typeof withRecorded>[1]): Promise<void> {
  const machines = withRecorded(await readRecorded(), measured);
  await writeFile(recordedPath, `${JSON.stringify(machines, null, 2)}\n`);
}
