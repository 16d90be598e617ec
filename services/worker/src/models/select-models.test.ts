import { InferenceError } from "@sluice/protocol";
import { describe, expect, test } from "vitest";

import { aModel } from "../fixtures/worker-fixture.ts";
import { selectModels } from "./select-models.ts";

const broken = { model: "broken", error: new InferenceError("invalidArgument", "model.yaml is wrong") };
const models = [aModel({ name: "a" }), aModel({ name: "b" }), aModel({ name: "c", pool: "gpu" })];
const repository = { models, failures: [broken] };
const all = { pool: undefined, models: undefined };

describe("selectModels()", () => {
  test("takes all models of the named pool, and tells of those that cannot be read", () => {
    const selection = selectModels(repository, { ...all, pool: "default" });
    expect(selection.models.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(selection.failures).toEqual([broken]);
  });

  test("takes the pool of the named models", () => {
    const selection = selectModels(repository, { ...all, models: ["c"] });
    expect(selection).toMatchObject({ pool: "gpu", models: [{ name: "c" }], failures: [] });
  });

  test("refuses models of several pools", () => {
    expect(() => selectModels(repository, all)).toThrow("the models belong to the pools default, gpu");
  });

  test("refuses a name that the repository does not have, and says which it has", () => {
    expect(() => selectModels(repository, { ...all, models: ["d"] })).toThrow(
      "no d, expected some of a, b, c, broken",
    );
  });

  test("refuses to serve nothing, and says why", () => {
    expect(() => selectModels({ models: [], failures: [broken] }, all)).toThrow("model.yaml is wrong");
  });

  test.each([
    { found: [], pool: undefined, why: "no folder of the model repository has a model.yaml" },
    { found: models, pool: "other", why: 'pool "other" has none: they belong to default, gpu' },
  ])("says that $why", ({ found, pool, why }) => {
    expect(() => selectModels({ models: found, failures: [] }, { ...all, pool })).toThrow(why);
  });
});
