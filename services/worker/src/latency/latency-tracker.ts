import type { ModelLatency } from "@sluice/protocol";
import {
  calibrateCurve,
  createLatencyModel,
  type LatencyModel,
  type RunSample,
  type RunShape,
} from "@sluice/scheduling";
import type { LatencyCurve } from "@sluice/scheduling";

/** Follows how long the runs of one model take on this worker. */
export interface LatencyTracker {
  /** What others may know; `undefined` while it is little more than a guess. */
  readonly latency: Omit<ModelLatency, "model"> | undefined;
  /** Shapes that have run, one for each power of two of items and of length. */
  readonly shapes: Iterable<RunShape>;
  /** Whether the model should be measured anew when nothing runs. */
  readonly isOutgrown: boolean;
  /** Expected time in milliseconds; `undefined` while nothing is known. */
  predictMs(shape: RunShape): number | undefined;
  /** Notes that a run took `ms` milliseconds. */
  observe(shape: RunShape, ms: number): void;
  /** Notes how long the rows of a run became that texts of so many bytes were made into. */
  observeTexts(texts: { readonly bytes: number; readonly elements: number }): void;
  /** Takes the curve of a new measurement. */
  calibrate(curve: LatencyCurve): void;
}

export interface LatencyTrackerOptions {
  /** `undefined` where the model was not measured before it serves: its first runs are taken for that. */
  readonly calibration: LatencyCurve | undefined;
  /** Most elements of a row that a text becomes; 1 where its texts make rows of one length, or there are none. */
  readonly maxTextLength: number;
}

/** First runs of a model that was not measured: they pay for compilation and allocation, and count only until there are others. */
const coldRunCount = 2;

/** Runs that are taken for a calibration, the cold ones included. */
const earlyRunCount = 10;

/** Of English text in the usual vocabularies; the first texts correct it. */
const firstElementsPerByte = 0.25;

/** Weight of the texts of one run: about the last fifty count. */
const textWeight = 0.02;

export function createLatencyTracker({ calibration, maxTextLength }: LatencyTrackerOptions): LatencyTracker {
  const hasTextLengths = maxTextLength > 1;
  let model: LatencyModel | undefined;
  let elementsPerByte = hasTextLengths ? firstElementsPerByte : 0;
  const early: RunSample[] = [];
  let isKnown = calibration !== undefined;
  const shapes = new Map<string, RunShape>();

  const calibrateWith = (curve: LatencyCurve): void => {
    if (model === undefined) model = createLatencyModel({ calibration: curve });
    else model.calibrate(curve);
  };
  if (calibration !== undefined) calibrateWith(calibration);

  return {
    get latency() {
      if (model === undefined || !isKnown) return undefined;
      const { curve, margin, drift } = model.profile;
      return { curve, margin, drift, elementsPerByte, ...(hasTextLengths && { maxTextLength }) };
    },
    get shapes() {
      return shapes.values();
    },
    get isOutgrown() {
      return model?.isOutgrown ?? false;
    },
    predictMs: (shape) => model?.predictMs(shape),
    observe: (shape, ms) => {
      shapes.set(`${Math.floor(Math.log2(shape.items))}x${Math.floor(Math.log2(shape.length))}`, shape);
      if (isKnown) {
        model?.observe(shape, ms);
        return;
      }
      early.push({ shape, ms });
      const warm = early.slice(coldRunCount);
      calibrateWith(calibrateCurve(warm.length > 0 ? warm : early));
      isKnown = early.length === earlyRunCount;
    },
    observeTexts: ({ bytes, elements }) => {
      if (hasTextLengths && bytes > 0) elementsPerByte += textWeight * (elements / bytes - elementsPerByte);
    },
    calibrate: calibrateWith,
  };
}
