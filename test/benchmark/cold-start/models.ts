import { cp } from "node:fs/promises";
import { resolve } from "node:path";
import type { ModelInputs } from "@sluice/client";
import { largeModelWidth, writeLargeModel } from "./large-model.ts";

/** A model that a worker is started for. */
export interface ColdModel {
  readonly name: string;
  /** What it is asked first. */
  readonly inputs: ModelInputs;
  /** Puts its files into a folder that is not there yet. */
  writeTo(folder: string): Promise<void>;
}

const sentence = { text: ["Where is the station?"] };

/** From small to large: those of `deploy/models`, and one of the size of a real one. */
export const coldModels: readonly ColdModel[] = [
  shipped("overhead-probe", { input: ones([1, 16]) }),
  shipped("language-id", sentence),
  shipped("char-lm", sentence),
  shipped("sentence-embedding", sentence),
  shipped("text-recognition", { x: ones([1, 3, 48, 320]) }),
  { name: "large", inputs: { x: ones([1, largeModelWidth]) }, writeTo: writeLargeModel },
];

/** The benchmark runs in the root of the repository. */
function shipped(name: string, inputs: ModelInputs): ColdModel {
  return {
    name,
    inputs,
    writeTo: (folder) => cp(resolve("deploy/models", name), folder, { recursive: true }),
  };
}

function ones(shape: readonly number[]): { readonly data: Float32Array; readonly shape: readonly number[] } {
  const elementCount = shape.reduce((product, size) => product * size, 1);
  return { data: new Float32Array(elementCount).fill(1), shape };
}
