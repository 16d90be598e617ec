/** Processors, in the mean, that were not to be had for what is measured. */
export interface Disturbance {
  /** In use by programs that have no part in it. */
  readonly foreignCores: number;
  /** Not given by the hypervisor although there was work for them. */
  readonly stolenCores: number;
}

/** So much of the machine may be missing before a figure says less of an arm than of the machine. */
const toleratedCores = 0.1;

/**
 * What a figure is made of. Counts are the same on every machine; time on a processor is longer where other programs share its
 * caches; what a clock measured, rates and latencies, suffers from a hypervisor that gives less than a whole processor, too,
 * and more where several processes work on a request than where one does.
 */
export type Basis = "count" | "cpu" | "clock";

/** Whether a figure that is worse than it was may be so because of what else happened on the machine. */
export function isExcused(basis: Basis, { foreignCores, stolenCores }: Disturbance): boolean {
  if (basis === "count") return false;
  return foreignCores > toleratedCores || (basis === "clock" && stolenCores > toleratedCores);
}

/** The worst of several. */
export function worstOf(disturbances: readonly Disturbance[]): Disturbance {
  return {
    foreignCores: Math.max(0, ...disturbances.map(({ foreignCores }) => foreignCores)),
    stolenCores: Math.max(0, ...disturbances.map(({ stolenCores }) => stolenCores)),
  };
}

/** Says what is more than tolerated. */
export function disturbanceNotes({ foreignCores, stolenCores }: Disturbance): readonly string[] {
  return [
    ...(foreignCores > toleratedCores ? [`other programs used ${foreignCores.toFixed(2)} processors`] : []),
    ...(stolenCores > toleratedCores ? [`the hypervisor kept ${stolenCores.toFixed(2)} processors`] : []),
  ];
}
