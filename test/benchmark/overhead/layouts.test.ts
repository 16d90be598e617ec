import { describe, expect, test } from "vitest";
import { chooseLayouts } from "./layouts.ts";

const armNames = ["bare", "sluice"];

describe("chooseLayouts()", () => {
  test("has what the bars need unless told otherwise", () => {
    const names = chooseLayouts({ full: false }, armNames).map(({ name }) => name);
    expect(names).toEqual(["1 x 1", "1 x 64", "1 x 256", "64 x 4"]);
  });

  test("has every arm in every layout with full", () => {
    const chosen = chooseLayouts({ full: true }, armNames);
    expect(chosen.map(({ name }) => name)).toContain("1000/s");
    expect(chosen.every(({ arms }) => arms === armNames)).toBe(true);
  });

  test("takes layouts by their names, with or without blanks, and the arms that are asked for", () => {
    expect(chooseLayouts({ full: false, only: ["1x16", "64 x 4"], arms: ["bare"] }, armNames)).toMatchObject([
      { name: "1 x 16", arms: ["bare"] },
      { name: "64 x 4", arms: ["bare"] },
    ]);
  });
});
