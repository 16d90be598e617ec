import { median } from "@sluice/load-generator";
import type { Cell } from "./cell.ts";
import type { Basis } from "./disturbance.ts";

/** A figure of one arm, or its ratio to that of another, that must not be above or below a limit. */
export interface Bar {
  readonly layout: string;
  readonly figure: keyof typeof figures;
  readonly arm: string;
  /** Whose figure it is divided by, in the same round. */
  readonly over?: string;
  readonly limit: Limit;
  /** What comes after the limit is met. */
  readonly goal?: number;
}

type Limit = { readonly atMost: number } | { readonly atLeast: number };

const figures = {
  "CPU per request": { basis: "cpu", of: ({ cpuUsPerRequest }: Cell) => cpuUsPerRequest["total"] ?? NaN },
  "requests per second": { basis: "clock", of: ({ requestsPerSecond }: Cell) => requestsPerSecond },
  "p50 latency": { basis: "clock", of: ({ p50Ms }: Cell) => p50Ms },
  "NATS messages per request": {
    basis: "count",
    of: ({ messagesPerRequest }: Cell) => messagesPerRequest ?? NaN,
  },
} satisfies Record<string, { readonly basis: Basis; readonly of: (cell: Cell) => number }>;

/**
 * CPU per request over that of the floor prototypes, in every layout: of the whole path that the design draws, and of the one that
 * is as short as Sluice's, without the results service.
 */
const floors = ["floor", "floor-straight"];
const floorLimit: Limit = { atMost: 1.5 };

export const bars: readonly Bar[] = [
  aBar("1 x 256", "CPU per request", { arm: "sluice-probe", over: "bare", limit: { atMost: 2 }, goal: 1.5 }),
  aBar("1 x 64", "CPU per request", {
    arm: "sluice-probe",
    over: "bare",
    limit: { atMost: 2.25 },
    goal: 1.6,
  }),
  ...["1 x 1", "1 x 256", "64 x 4"].flatMap((layout) =>
    floors.map((over) => aBar(layout, "CPU per request", { arm: "sluice", over, limit: floorLimit })),
  ),
  aBar("1 x 256", "requests per second", {
    arm: "sluice-probe",
    over: "fastify",
    limit: { atLeast: 4.5 },
    goal: 6,
  }),
  aBar("1 x 64", "requests per second", {
    arm: "sluice-probe",
    over: "fastify",
    limit: { atLeast: 2.5 },
    goal: 3.5,
  }),
  aBar("1 x 256", "requests per second", { arm: "sluice-probe", over: "bullmq", limit: { atLeast: 6 } }),
  aBar("1 x 256", "requests per second", { arm: "sluice-probe", over: "bare-model", limit: { atLeast: 2 } }),
  aBar("64 x 4", "requests per second", { arm: "sluice-probe", over: "fastify", limit: { atLeast: 1 } }),
  aBar("1 x 1", "p50 latency", { arm: "sluice-probe", over: "bare", limit: { atMost: 3.25 }, goal: 2.75 }),
  aBar("1 x 64", "NATS messages per request", { arm: "sluice-probe", limit: { atMost: 0.25 }, goal: 0.1 }),
];

/** A bar beside what was measured. */
export interface BarReport {
  readonly name: string;
  readonly measured: number;
  readonly limit: Limit;
  readonly basis: Basis;
  readonly isMet: boolean;
  readonly goal?: number;
  readonly isGoalMet?: boolean;
}

/** The cells of each round of one layout. */
export interface LayoutRounds {
  readonly layout: string;
  readonly rounds: readonly (readonly Cell[])[];
}

/**
 * Holds bars against what was measured; those whose layout or arms did not run are left out. Ratios are formed within a
 * round, because the machine's own speed drifts; their median counts.
 */
export function reportBars(
  measured: readonly LayoutRounds[],
  wanted: readonly Bar[] = bars,
): readonly BarReport[] {
  return wanted.flatMap((bar) => {
    const rounds = measured.find(({ layout }) => layout === bar.layout)?.rounds ?? [];
    const values = rounds.flatMap((cells) => valueOf(bar, cells));
    return values.length === 0 ? [] : [reportBar(bar, median(values))];
  });
}

function valueOf({ arm, over, figure }: Bar, cells: readonly Cell[]): number[] {
  const { of } = figures[figure];
  const cell = cells.find((candidate) => candidate.arm === arm);
  if (cell === undefined) return [];
  if (over === undefined) return [of(cell)];
  const other = cells.find((candidate) => candidate.arm === over);
  return other === undefined ? [] : [of(cell) / of(other)];
}

function reportBar(bar: Bar, measured: number): BarReport {
  const { layout, figure, arm, over, limit, goal } = bar;
  return {
    name: `${layout}: ${figure} of ${arm}${over === undefined ? "" : ` over ${over}`}`,
    measured,
    limit,
    basis: figures[figure].basis,
    isMet: isWithin(measured, limit),
    ...(goal !== undefined && {
      goal,
      isGoalMet: isWithin(measured, "atMost" in limit ? { atMost: goal } : { atLeast: goal }),
    }),
  };
}

/** Not met by what is not a number either. */
export function isWithin(value: number, limit: Limit): boolean {
  return "atMost" in limit ? value <= limit.atMost : value >= limit.atLeast;
}

function aBar(layout: string, figure: Bar["figure"], rest: Omit<Bar, "layout" | "figure">): Bar {
  return { layout, figure, ...rest };
}
