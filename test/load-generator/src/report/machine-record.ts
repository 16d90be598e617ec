import { cpus, release, totalmem } from "node:os";

/** On what, and with what, figures were measured. */
export interface MachineRecord {
  readonly processor: string;
  readonly processorCount: number;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly node: string;
}

export function describeMachine(): MachineRecord {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    processorCount: processors.length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.versions.node,
  };
}
