import type { AdmittedRequest, Frame } from "@sluice/protocol";
import { encodeStrings, stringsOf } from "@sluice/protocol";
import { anAdmittedRequest } from "@sluice/testing";

import type { WorkerFixture, WorkerFixtureOptions } from "../fixtures/worker-fixture.ts";
import { startWorkerFixture } from "../fixtures/worker-fixture.ts";
import type { ModelDescription } from "../repository/model-description.ts";

const alphabet = "abcdefgh";

/** A model `lm` that generates; a prompt gets 4 characters unless it asks for more. */
export function aGeneratingModel(fields: Partial<ModelDescription> = {}): Partial<ModelDescription> {
  return {
    name: "lm",
    engine: { kind: "onnxruntime", provider: undefined, hasBatchAxis: undefined },
    forms: [
      {
        name: "text",
        inputs: [{ name: "text", datatype: "BYTES", shape: [-1] }],
        steps: {
          generate: {
            kind: "characters",
            input: "text",
            output: "text",
            alphabet,
            maxContext: 1000,
            maxTokens: 4,
            maxPastBytes: 64 * 1024 * 1024,
          },
        },
      },
    ],
    ...fields,
  };
}

/** Starts a worker whose decoder answers each token with the next letter of the alphabet, after a millisecond. */
export function startGeneratingWorker(options: WorkerFixtureOptions = {}): Promise<WorkerFixture> {
  return startWorkerFixture({
    models: [aGeneratingModel()],
    alphaMs: 1,
    vocabularySize: alphabet.length,
    ...options,
  });
}

/** A request to continue the letter "a". */
export function aPrompt(id: string, fields: Partial<AdmittedRequest> = {}): AdmittedRequest {
  return anAdmittedRequest({
    id,
    inputs: [{ name: "text", datatype: "BYTES", shape: [1] }],
    body: [encodeStrings(["a"])],
    ...fields,
  });
}

/** What all frames say together, in their order. */
export function textOf(frames: readonly Frame[]): string {
  return frames
    .flatMap(({ body }) => body)
    .flatMap((bytes) => stringsOf({ name: "text", datatype: "BYTES", shape: [1], bytes }))
    .join("");
}
