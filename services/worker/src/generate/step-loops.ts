import type { Engine } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import type { WorkerEvent } from "../worker-event.ts";
import type { StepLoop, StepLoopEvent } from "./step-loop.ts";
import { createStepLoop } from "./step-loop.ts";
import type { StepLimits } from "./step-room.ts";

/** The step loops of a worker: one for each engine of a model that generates. */
export interface StepLoops {
  /** Starts the loop of an engine. */
  add(model: string, engine: Engine, limits: StepLimits): void;
  /**
   * The loop of the model with most room.
   * @throws {InferenceError} `unavailable` when the model has no engine now.
   */
  pick(model: string): StepLoop;
  /** How many sequences each model can take now, in all its loops; only models that can take any. */
  rooms(): ReadonlyMap<string, number>;
  /** Resolves once no loop has anything to do. */
  idle(): Promise<void>;
}

export interface StepLoopsOptions {
  readonly clock: Clock;
  /** Called when a room may have changed. */
  readonly onChange: () => void;
  /** Called when a broken engine of a model was taken out. */
  readonly onRetired: (model: string) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** Creates the loops of no engine. */
export function createStepLoops({ clock, onChange, onRetired, onEvent }: StepLoopsOptions): StepLoops {
  const loops = new Map<string, StepLoop[]>();

  const tell = (model: string, event: StepLoopEvent): void => {
    onEvent({ ...event, model });
    if (event.type !== "stepRan") return;
    const { sequenceCount: items, inferenceMs, transferMs } = event;
    onEvent({ type: "engineRan", model, items, requestCount: items, inferenceMs, transferMs });
  };

  return {
    add: (model, { decoder }, limits) => {
      if (decoder === undefined) throw new Error(`the engine of ${model} is no decoder`);
      const loop = createStepLoop({
        decoder,
        limits,
        clock,
        onChange,
        onDead: () => {
          loops.set(
            model,
            (loops.get(model) ?? []).filter((other) => other !== loop),
          );
          onRetired(model);
          onChange();
        },
        onEvent: (event) => tell(model, event),
      });
      loops.set(model, [...(loops.get(model) ?? []), loop]);
      onChange();
    },
    pick: (model) => {
      const [first, ...others] = loops.get(model) ?? [];
      if (first === undefined) throw new InferenceError("unavailable", `model ${model} has no engine now`);
      return others.reduce((best, loop) => (loop.room > best.room ? loop : best), first);
    },
    rooms: () => {
      const rooms = new Map<string, number>();
      for (const [model, its] of loops) {
        const room = its.reduce((total, loop) => total + loop.room, 0);
        if (room > 0) rooms.set(model, room);
      }
      return rooms;
    },
    idle: async () => {
      await Promise.all([...loops.values()].flat().map((loop) => loop.idle()));
    },
  };
}
