import type { Heartbeat, ModelLatency, ModelSignature, PoolModel, WorkerProfile } from "@sluice/protocol";
import { boundMs } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import type { TextLengths } from "../owner/request-length.ts";
import { isNewerVersion } from "./model-version.ts";

/** Whoever must act on what the workers of a pool do. */
export interface RosterListener {
  /** A worker said which batches it has. */
  heartbeat(heartbeat: Heartbeat): void;
  /** A worker fell silent and is no longer in the roster. */
  workerLost(worker: string): void;
  /** The models, their signatures or the number of their workers changed. */
  modelsChanged(): void;
}

/** What a dispatcher knows of one pool's workers and models. Every dispatcher keeps one, so that a standby can take over at once. */
export interface PoolRoster {
  readonly pool: string;
  /** Whether a worker is alive, one that starts or drains included. */
  readonly hasWorkers: boolean;
  /** The newest epoch that a living worker has heard of; 0 = none. */
  readonly newestEpoch: number;
  /** Workers that take work. Their slots are not known. */
  readonly runningCount: number;
  /** Those workers. */
  running(): Iterable<string>;
  /** Models of the pool with the number of workers that have them ready; one whose workers are all gone stays, with 0. */
  readonly models: readonly PoolModel[];
  /** Whether the worker is alive. */
  has(worker: string): boolean;
  signature(model: string): ModelSignature | undefined;
  /** Workers that have the model ready. */
  workerCount(model: string): number;
  /** Workers that have the model ready, by name. */
  workersWith(model: string): string[];
  /** Whether a living worker announced the model. */
  serves(worker: string, model: string): boolean;
  /** How long the model takes on the worker; `undefined` where it has not said so. */
  latency(worker: string, model: string): ModelLatency | undefined;
  /** The same on the worker of the pool that is the fastest with one short row. */
  fastest(model: string): ModelLatency | undefined;
  /** How long rows become that the model's texts are made into, as a worker last said. */
  textLengths(model: string): TextLengths;
  /** Learns signatures from a hand-over, for a pool whose workers were not heard yet. */
  learn(signatures: readonly ModelSignature[]): void;
  /** Lists models that were recorded and that nobody has told of yet, with no worker, until one tells of them or they are forgotten. */
  recall(signatures: readonly ModelSignature[]): void;
  /** Whether the model is known from its record only. */
  isRecalled(model: string): boolean;
  /** Whether a worker may have the model ready that has not said so yet: nobody has told of it, or who did not whether it takes work. */
  isExpected(model: string): boolean;
  /** Forgets models that no worker has, not even one that starts or drains, where `mayForget` says so. */
  forgetUnserved(mayForget: (model: string) => boolean): void;
  heartbeat(heartbeat: Heartbeat): void;
  profile(profile: WorkerProfile): void;
  lose(worker: string): void;
  /** Sets who listens; there is at most one. */
  listen(listener: RosterListener): Disposable;
}

interface KnownWorker {
  /** `undefined` until the first heartbeat. */
  state: Heartbeat["state"] | undefined;
  epoch: number;
  signatures: ReadonlyMap<string, ModelSignature>;
  latencies: ReadonlyMap<string, ModelLatency>;
}

export interface PoolRosterOptions {
  readonly pool: string;
  readonly onEvent: OnDispatcherEvent;
}

/** What workers are compared by. */
const shortRow = { items: 1, length: 1 };

const noTexts: TextLengths = { elementsPerByte: 0, maxLength: Infinity };

export function createPoolRoster({ pool, onEvent }: PoolRosterOptions): PoolRoster {
  const workers = new Map<string, KnownWorker>();
  const signatures = new Map<string, ModelSignature>();
  const fastest = new Map<string, ModelLatency>();
  const textLengths = new Map<string, TextLengths>();
  /** Models that are known from records only. */
  const recalled = new Set<string>();
  let workerCounts = new Map<string, number>();
  let listener: RosterListener | undefined;

  const isServed = ({ name, version }: ModelSignature): boolean => {
    for (const worker of workers.values()) if (worker.signatures.get(name)?.version === version) return true;
    return false;
  };

  const hasWorker = (model: string): boolean => {
    for (const worker of workers.values()) if (worker.signatures.has(model)) return true;
    return false;
  };

  /** Keeps the newest version of each model that a worker has: while workers load another one, the pool serves two for a moment. */
  const learn = (announced: Iterable<ModelSignature>): void => {
    for (const signature of announced) {
      // What was recorded is what once was: it differs from nothing that is.
      if (recalled.delete(signature.name)) signatures.delete(signature.name);
      const known = signatures.get(signature.name);
      if (known !== undefined && known.version !== signature.version) {
        const versions = [known.version, signature.version];
        onEvent({ type: "signatureMismatch", pool, model: signature.name, versions });
      }
      const isKept =
        known !== undefined && isNewerVersion(known.version, signature.version) && isServed(known);
      if (!isKept) signatures.set(signature.name, signature);
    }
  };

  /** After a worker left: a version that it alone had makes room for the newest that is left. */
  const unlearn = (gone: Iterable<ModelSignature>): void => {
    for (const { name } of gone) {
      const known = signatures.get(name);
      if (known === undefined || isServed(known)) continue;
      let newest: ModelSignature | undefined;
      for (const worker of workers.values()) {
        const served = worker.signatures.get(name);
        if (served === undefined) continue;
        if (newest === undefined || isNewerVersion(served.version, newest.version)) newest = served;
      }
      if (newest !== undefined) signatures.set(name, newest);
    }
  };

  const refresh = (): void => {
    workerCounts = new Map();
    roster.hasWorkers = workers.size > 0;
    roster.newestEpoch = 0;
    roster.runningCount = 0;
    for (const worker of workers.values()) {
      roster.newestEpoch = Math.max(roster.newestEpoch, worker.epoch);
      if (worker.state !== "running") continue;
      roster.runningCount += 1;
      for (const model of worker.signatures.keys()) {
        workerCounts.set(model, (workerCounts.get(model) ?? 0) + 1);
      }
    }
    roster.models = [...signatures].map(([name, { version }]) => ({
      name,
      version,
      workerCount: workerCounts.get(name) ?? 0,
    }));
    listener?.modelsChanged();
  };

  const findFastest = (): void => {
    fastest.clear();
    for (const { latencies } of workers.values()) {
      for (const latency of latencies.values()) {
        const best = fastest.get(latency.model);
        if (best === undefined || boundMs(latency, shortRow) < boundMs(best, shortRow)) {
          fastest.set(latency.model, latency);
        }
      }
    }
  };

  const known = (worker: string): KnownWorker => {
    let entry = workers.get(worker);
    if (entry === undefined) {
      entry = { state: undefined, epoch: 0, signatures: new Map(), latencies: new Map() };
      workers.set(worker, entry);
      roster.hasWorkers = true;
      onEvent({ type: "workerFound", pool, worker });
    }
    return entry;
  };

  // Fields instead of getters: V8 keeps a literal with a getter as a hash table, and this is looked at for every request.
  const roster: { -readonly [Key in keyof PoolRoster]: PoolRoster[Key] } = {
    pool,
    hasWorkers: false,
    newestEpoch: 0,
    runningCount: 0,
    models: [],
    *running() {
      for (const [name, { state }] of workers) if (state === "running") yield name;
    },
    has: (worker) => workers.has(worker),
    signature: (model) => signatures.get(model),
    workerCount: (model) => workerCounts.get(model) ?? 0,
    workersWith: (model) =>
      [...workers]
        .filter(([, { state, signatures: served }]) => state === "running" && served.has(model))
        .map(([worker]) => worker)
        .sort(),
    serves: (worker, model) => workers.get(worker)?.signatures.has(model) ?? false,
    latency: (worker, model) => workers.get(worker)?.latencies.get(model),
    fastest: (model) => fastest.get(model),
    textLengths: (model) => textLengths.get(model) ?? noTexts,
    learn: (announced) => {
      learn(announced);
      refresh();
    },
    recall: (recorded) => {
      for (const signature of recorded) {
        if (signatures.has(signature.name)) continue;
        signatures.set(signature.name, signature);
        recalled.add(signature.name);
      }
      refresh();
    },
    isRecalled: (model) => recalled.has(model),
    isExpected: (model) => {
      if (recalled.has(model)) return true;
      for (const { state, signatures: served } of workers.values()) {
        if (state === undefined && served.has(model)) return true;
      }
      return false;
    },
    forgetUnserved: (mayForget) => {
      const unserved = [...signatures.keys()].filter((model) => !hasWorker(model));
      const forgotten = unserved.filter(mayForget);
      for (const model of forgotten) {
        recalled.delete(model);
        signatures.delete(model);
      }
      if (forgotten.length > 0) refresh();
    },
    heartbeat: (heartbeat) => {
      const worker = known(heartbeat.worker);
      const isNews = worker.state !== heartbeat.state || worker.epoch !== heartbeat.epoch;
      worker.state = heartbeat.state;
      worker.epoch = heartbeat.epoch;
      if (isNews) refresh();
      listener?.heartbeat(heartbeat);
    },
    profile: (profile) => {
      const worker = known(profile.worker);
      worker.latencies = new Map(profile.latencies.map((latency) => [latency.model, latency]));
      for (const { model, elementsPerByte, maxTextLength: maxLength = Infinity } of profile.latencies)
        textLengths.set(model, { elementsPerByte, maxLength });
      const { signatures: before } = worker;
      worker.signatures = new Map(profile.models.map((model) => [model.name, model]));
      learn(profile.models);
      findFastest();
      // Latencies change all the time, and nobody needs to act on that.
      if (isSameModels(before, worker.signatures)) return;
      unlearn(before.values());
      refresh();
    },
    lose: (worker) => {
      const gone = workers.get(worker);
      if (gone === undefined) return;
      workers.delete(worker);
      unlearn(gone.signatures.values());
      findFastest();
      onEvent({ type: "workerLost", pool, worker });
      refresh();
      listener?.workerLost(worker);
    },
    listen: (next) => {
      listener = next;
      return {
        [Symbol.dispose]() {
          if (listener === next) listener = undefined;
        },
      };
    },
  };
  return roster;
}

function isSameModels(
  before: ReadonlyMap<string, ModelSignature>,
  now: ReadonlyMap<string, ModelSignature>,
): boolean {
  if (before.size !== now.size) return false;
  for (const { name, version } of now.values()) if (before.get(name)?.version !== version) return false;
  return true;
}
