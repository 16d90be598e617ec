import { createProbe, type Probe } from "../latency/probe.ts";

/** The probes of the models on the workers of a pool, as far as predictions refuse all that waits for them. */
export interface Probes {
  /** See {@link Probe.refuse}. */
  refuse(worker: string, model: string, nowMs: number): boolean;
  /** See {@link Probe.accept}. */
  accept(worker: string, model: string): void;
  /** See {@link Probe.end}. */
  end(worker: string, model: string, probe: Parameters<Probe["end"]>[0]): void;
  /** Forgets a worker that is gone. */
  forget(worker: string): void;
}

export function createProbes(): Probes {
  /** By worker, then by model. */
  const probes = new Map<string, Map<string, Probe>>();

  const probeOf = (worker: string, model: string): Probe => {
    const ofWorker = probes.get(worker) ?? new Map<string, Probe>();
    const probe = ofWorker.get(model) ?? createProbe();
    probes.set(worker, ofWorker.set(model, probe));
    return probe;
  };

  return {
    refuse: (worker, model, nowMs) => probeOf(worker, model).refuse(nowMs),
    // A new one begins as one that has accepted goes on.
    accept: (worker, model) => void probes.get(worker)?.delete(model),
    end: (worker, model, probe) => probes.get(worker)?.get(model)?.end(probe),
    forget: (worker) => void probes.delete(worker),
  };
}
