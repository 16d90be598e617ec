import type { Code, InferenceError, ModelLatency } from "@sluice/protocol";
import type { StateChanged } from "@sluice/runtime";

import type { UselessWork } from "./batch/useless-work.ts";
import type { StepLoopEvent } from "./generate/step-loop.ts";
import type { Calibration } from "./latency/calibrate.ts";

/** The rows of a run as the engine was given them. */
export interface RunRows {
  /** More than items where the model has a fixed batch size. */
  readonly rowCount: number;
  /** Elements of each row, padding included. */
  readonly length: number;
  /** Elements of all items, without padding. */
  readonly elements: number;
}

/** What a worker tells whoever listens; its logs, its metrics and its tests all follow from these. */
export type WorkerEvent =
  | StateChanged
  | {
      readonly type: "modelLoaded";
      readonly model: string;
      readonly version: string;
      readonly engineCount: number;
      readonly loadMs: number;
    }
  /** A model was measured with made-up inputs. */
  | ({ readonly type: "modelCalibrated"; readonly model: string } & Calibration)
  | {
      readonly type: "calibrationSkipped";
      readonly model: string;
      /** Switched off; it generates step by step; the models before took all the time; it takes none of the made-up inputs; the worker is to stop. */
      readonly reason: "off" | "iterative" | "noTime" | "noShape" | "stopped";
    }
  /** What is known of a model's latency has changed noticeably, and is published. */
  | ({ readonly type: "latencyChanged" } & ModelLatency)
  /** Runs of a model take so much longer or shorter than calibrated that it is measured anew when nothing runs. */
  | { readonly type: "latencyOutgrown"; readonly model: string; readonly drift: number }
  | { readonly type: "modelFailed"; readonly model: string; readonly error: InferenceError }
  /** An engine died; another one is being loaded in its place. */
  | { readonly type: "engineLost"; readonly model: string }
  | { readonly type: "engineReplaced"; readonly model: string; readonly loadMs: number }
  | { readonly type: "epochChanged"; readonly epoch: number }
  | {
      readonly type: "creditSent";
      readonly creditId: string;
      /** Empty: it only reports. */
      readonly models: readonly string[];
      readonly reportCount: number;
    }
  | {
      readonly type: "batchReceived";
      readonly batchId: string;
      readonly model: string;
      readonly requestCount: number;
    }
  | {
      readonly type: "batchRefused";
      readonly batchId: string;
      readonly model: string;
      readonly reason: string;
    }
  /** A batch that had come before came again. */
  | { readonly type: "batchRepeated"; readonly batchId: string; readonly model: string }
  /** A batch has its engine. It arrived `earlyMs` before there was a free one; 0 = it was free already. */
  | {
      readonly type: "batchStarted";
      readonly batchId: string;
      readonly model: string;
      readonly earlyMs: number;
      /** Whether that is earlier than it had to be bound, see `isBoundEarly`. */
      readonly isBoundEarly: boolean;
    }
  /** One run of the engine ended, or one decode step. */
  | {
      readonly type: "engineRan";
      readonly model: string;
      readonly items: number;
      /** What the engine was given; absent for the steps of sequences. */
      readonly shape?: RunRows;
      readonly requestCount: number;
      readonly inferenceMs: number;
      readonly transferMs: number;
    }
  /** Some of what ran was for requests that were cancelled, or expired, while it ran. */
  | ({ readonly type: "uselessRun"; readonly model: string } & UselessWork)
  /** What a step loop tells, see `StepLoopEvent`. */
  | (StepLoopEvent & { readonly model: string })
  | {
      readonly type: "engineFailed";
      readonly model: string;
      readonly requestCount: number;
      readonly error: InferenceError;
    }
  /** Requests were answered; `codes` counts them by outcome. */
  | {
      readonly type: "requestsAnswered";
      readonly model: string;
      readonly codes: ReadonlyMap<Code, number>;
    }
  | {
      readonly type: "batchCompleted";
      readonly batchId: string;
      readonly model: string;
      readonly requestCount: number;
      readonly returnedCount: number;
      readonly failedCount: number;
      readonly costMs: number;
      readonly totalMs: number;
    }
  /** A stream waits for its reader. */
  | { readonly type: "streamParked"; readonly model: string }
  /** Frames left for their caller, who acknowledges nothing. */
  | { readonly type: "packPublished"; readonly frameCount: number }
  /** Frames left for the results service; `packDelivered` or `packLost` follows. */
  | { readonly type: "packSent"; readonly frameCount: number }
  | {
      readonly type: "packDelivered";
      readonly frameCount: number;
      /** How often it was sent; more than 1 when the first acknowledgement did not come in time. */
      readonly attemptCount: number;
    }
  /** No results service acknowledged the frames in time. */
  | { readonly type: "packLost"; readonly frameCount: number };
