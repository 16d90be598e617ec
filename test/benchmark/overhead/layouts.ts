import type { LoadShape } from "../measure/load-order.ts";

/** How load is offered, over how many connections of one process, and to whom. */
export interface Layout {
  /** Connections x calls open on each, or a rate. */
  readonly name: string;
  readonly connections: number;
  readonly shape: LoadShape;
  /** The arms that bars are about; with `--full` all arms run in all layouts. */
  readonly arms: readonly string[];
}

export const layouts: readonly Layout[] = [
  aClosedLayout({
    connections: 1,
    outstanding: 1,
    arms: ["bare", "floor", "floor-straight", "sluice", "sluice-probe"],
  }),
  aClosedLayout({ connections: 1, outstanding: 16, arms: [] }),
  aClosedLayout({ connections: 1, outstanding: 64, arms: ["bare", "sluice-probe", "fastify"] }),
  aClosedLayout({
    connections: 1,
    outstanding: 256,
    arms: ["bare", "floor", "floor-straight", "sluice", "sluice-probe", "bare-model", "fastify", "bullmq"],
  }),
  aClosedLayout({ connections: 1, outstanding: 1024, arms: [] }),
  aClosedLayout({
    connections: 64,
    outstanding: 4,
    arms: ["floor", "floor-straight", "sluice", "sluice-probe", "fastify"],
  }),
  { name: "1000/s", connections: 1, shape: { kind: "open", ratePerSecond: 1000 }, arms: [] },
];

function aClosedLayout(layout: {
  readonly connections: number;
  readonly outstanding: number;
  readonly arms: readonly string[];
}): Layout {
  const { connections, outstanding, arms } = layout;
  return {
    name: `${connections} x ${outstanding}`,
    connections,
    shape: { kind: "closed", outstandingPerConnection: outstanding },
    arms,
  };
}

export interface LayoutChoice {
  /** Every arm in every layout. */
  readonly full: boolean;
  /** Layouts by their names, blanks left out or not; all unless told. */
  readonly only?: readonly string[];
  /** Arms by their names; then all of these run in every layout that has any of its own. */
  readonly arms?: readonly string[];
}

/** Chooses what runs: layouts with at least one arm. */
export function chooseLayouts(
  { full, only, arms }: LayoutChoice,
  armNames: readonly string[],
): readonly Layout[] {
  const wanted = only?.map(withoutBlanks);
  return layouts
    .filter(({ name }) => wanted === undefined || wanted.includes(withoutBlanks(name)))
    .filter((layout) => full || only !== undefined || layout.arms.length > 0)
    .map((layout) => ({ ...layout, arms: arms ?? (full ? armNames : layout.arms) }))
    .filter((layout) => layout.arms.length > 0);
}

/** Whether a layout has a name. */
export function isLayout(name: string): boolean {
  return layouts.some((layout) => withoutBlanks(layout.name) === withoutBlanks(name));
}

function withoutBlanks(name: string): string {
  return name.replaceAll(" ", "");
}
