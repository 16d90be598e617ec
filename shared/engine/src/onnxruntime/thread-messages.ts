import type { StepRequest } from "../decoder.ts";
import type { EngineTensor } from "../engine.ts";
import type { ThreadOutcome } from "./decode-step.ts";
import type { Provider } from "./provider.ts";

/** What an engine thread is started with. */
export interface ThreadOptions {
  readonly modelPath: string;
  readonly provider: Provider;
  readonly deviceId: number;
  readonly intraOpThreads: number;
}

/** An input or output as the file declares it: a variable axis has a name, which may be empty. */
export interface DeclaredTensor {
  readonly name: string;
  /** ONNX Runtime's word for the element type; undefined for what is no tensor (a sequence, a map). */
  readonly type: string | undefined;
  readonly shape: readonly (number | string)[];
}

/** To the engine thread, which takes one after the other. */
export type ThreadRequest =
  | { readonly kind: "run"; readonly inputs: readonly EngineTensor[] }
  | ({ readonly kind: "step" } & StepRequest)
  | { readonly kind: "close" };

/** From the engine thread: first `loaded` or `loadFailed`, then one answer for each run or step, in their order. */
export type ThreadReply =
  | {
      readonly kind: "loaded";
      readonly inputs: readonly DeclaredTensor[];
      readonly outputs: readonly DeclaredTensor[];
    }
  | { readonly kind: "loadFailed"; readonly reason: string }
  | { readonly kind: "stepped"; readonly outcomes: readonly ThreadOutcome[]; readonly inferenceMs: number }
  | {
      readonly kind: "ran";
      readonly outputs: readonly EngineTensor[];
      readonly inferenceMs: number;
      /** Time that the thread had nothing to do since the run before. */
      readonly idleMs: number;
    }
  | { readonly kind: "runFailed"; readonly reason: string };
