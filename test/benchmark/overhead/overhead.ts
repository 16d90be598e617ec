import { describeMachine, measureInTurn } from "@sluice/load-generator";
import { resolveNatsServer } from "@sluice/nats-server";
import { silentLogger } from "@sluice/runtime";
import type { LoadProcess } from "../measure/role-process.ts";
import type { Arm } from "./arm.ts";
import { startArms } from "./arms.ts";
import { reportBars, type LayoutRounds } from "./bars.ts";
import { measureCell } from "./cell.ts";
import type { Layout } from "./layouts.ts";
import { reportArm, type LayoutReport, type OverheadReport } from "./report.ts";

export interface OverheadOptions {
  readonly layouts: readonly Layout[];
  readonly repetitions: number;
  /** Windows of each arm and layout while they do not agree. */
  readonly mostRepetitions: number;
  readonly windowMs: number;
  /**
   * Load before the windows of each layout, in its own shape. What warms one layout leaves another cold: with 256 calls open a
   * batch has dozens of requests, so what is done once for each batch is not optimized yet when one call at a time needs it.
   */
  readonly warmUpMs: number;
  readonly onProgress: (line: string) => void;
  /** A layout is measured again, at most so many times in all, until it is enough. Default: once. */
  readonly attempts?: { readonly most: number; readonly isEnough: (measured: Measured) => boolean };
}

/** An arm with a client process. */
interface LoadedArm {
  readonly arm: Arm;
  readonly load: LoadProcess;
}

/** What one layout came to. */
export interface Measured extends LayoutRounds {
  readonly report: LayoutReport;
}

/** Measures what Sluice's path costs beside other ways to get a request answered, interleaved in one run. */
export async function measureOverhead(options: OverheadOptions): Promise<OverheadReport> {
  const { layouts, onProgress, repetitions, windowMs, warmUpMs } = options;
  const { version } = await resolveNatsServer({ env: process.env, log: silentLogger });
  await using started = await startArms([...new Set(layouts.flatMap(({ arms }) => arms))], onProgress);
  const measured: Measured[] = [];
  for (const connections of new Set(layouts.map((layout) => layout.connections))) {
    const sharing = layouts.filter((layout) => layout.connections === connections);
    measured.push(...(await measureLayouts(sharing, started.arms, options)));
  }
  const bars = reportBars(measured);
  const hasErrors = measured.some(({ report }) =>
    report.arms.some(({ errors }) => Object.keys(errors).length > 0),
  );
  return {
    machine: { ...describeMachine(), natsServer: version },
    settings: { repetitions, windowMs, warmUpMs },
    layouts: measured.map(({ report }) => report),
    bars,
    leftOut: Object.fromEntries(started.leftOut),
    isMet: !hasErrors && bars.every(({ isMet }) => isMet),
  };
}

/** Measures layouts of one number of connections, for which each arm has one client process that stays. */
async function measureLayouts(
  layouts: readonly Layout[],
  arms: readonly Arm[],
  options: OverheadOptions,
): Promise<Measured[]> {
  const connections = layouts[0]?.connections ?? 1;
  const loaded: LoadedArm[] = [];
  try {
    for (const arm of arms.filter(({ name }) => layouts.some((layout) => layout.arms.includes(name)))) {
      loaded.push({ arm, load: await arm.startLoad(connections) });
    }
    const measured: Measured[] = [];
    for (const layout of layouts) {
      const taking = loaded.filter(({ arm }) => layout.arms.includes(arm.name));
      measured.push(await measureLayout(layout, taking, options));
    }
    return measured;
  } finally {
    for (const { load } of loaded) await load[Symbol.asyncDispose]();
  }
}

async function measureLayout(
  layout: Layout,
  loaded: readonly LoadedArm[],
  options: OverheadOptions,
): Promise<Measured> {
  const { warmUpMs, onProgress, attempts } = options;
  for (const { arm, load } of loaded) {
    onProgress(`${layout.name}: warming ${arm.name} up for ${warmUpMs / 1000} s`);
    await load.run({ shape: layout.shape, windowMs: warmUpMs });
  }
  let measured = await measureRounds(layout, loaded, options);
  for (let attempt = 2; attempt <= (attempts?.most ?? 1); attempt += 1) {
    if (attempts?.isEnough(measured) !== false) break;
    onProgress(`${layout.name}: attempt ${attempt}`);
    measured = await measureRounds(layout, loaded, options);
  }
  return measured;
}

async function measureRounds(
  layout: Layout,
  loaded: readonly LoadedArm[],
  { windowMs, repetitions, mostRepetitions, onProgress }: OverheadOptions,
): Promise<Measured> {
  const { rounds, stable } = await measureInTurn(loaded, {
    leastRounds: repetitions,
    mostRounds: mostRepetitions,
    measure: ({ arm, load }, round) => {
      if (arm === loaded[0]?.arm) onProgress(`${layout.name}: round ${round}`);
      return measureCell({ arm, load, layout, windowMs });
    },
  });
  const arms = loaded.map(({ arm }, index) =>
    reportArm(
      arm.name,
      rounds.flatMap((cells) => cells[index] ?? []),
      stable[index] === true,
    ),
  );
  return { layout: layout.name, rounds, report: { layout: layout.name, arms } };
}
