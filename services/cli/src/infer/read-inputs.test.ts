import { stringsOf, typedArrayOf } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { readInputs, readParameters } from "./read-inputs.ts";

describe("readInputs", () => {
  test("every --text is one item of the input text", () => {
    const [tensor] = readInputs({ text: ["a", "ü"], input: [] });
    expect(tensor).toMatchObject({ name: "text", datatype: "BYTES", shape: [2] });
    expect(tensor && stringsOf(tensor)).toEqual(["a", "ü"]);
  });

  test("nested numbers give their shape and FP32", () => {
    const [tensor] = readInputs({ text: [], input: ["x=[[1,2,3],[4,5,6]]"] });
    expect(tensor).toMatchObject({ name: "x", datatype: "FP32", shape: [2, 3] });
    expect(tensor && [...typedArrayOf(tensor)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("an object says datatype and shape itself", () => {
    const [tensor] = readInputs({ text: [], input: ['x={"datatype":"INT64","shape":[1,2],"data":[1,2]}'] });
    expect(tensor).toMatchObject({ name: "x", datatype: "INT64", shape: [1, 2] });
  });

  test.each([
    { input: [] as string[], named: "--text" },
    { input: ["x=[1,"], named: "--input x" },
    { input: ["x"], named: '--input "x"' },
    { input: ["=5"], named: '--input "=5"' },
    { input: ["x=[[1,2],[3]]"], named: "x" },
  ])("$input is refused and the message names $named", ({ input, named }) => {
    expect(() => readInputs({ text: [], input })).toThrow(
      expect.objectContaining({ code: "invalidArgument", message: expect.stringContaining(named) }),
    );
  });

  test.each([
    { text: ["a"], input: ['text=["b"]'], name: "text" },
    { text: [], input: ["x=[1]", "y=[1]", "x=[2]"], name: "x" },
  ])("$text $input is refused because $name is given more than once", ({ text, input, name }) => {
    expect(() => readInputs({ text, input })).toThrow(
      expect.objectContaining({
        code: "invalidArgument",
        message: expect.stringContaining(`input "${name}" is given more than once`),
      }),
    );
  });
});

describe("readParameters", () => {
  test("reads numbers and booleans as such and leaves texts alone", () => {
    expect(readParameters(["max_tokens=5", "greedy=true", "stop=a=b"])).toEqual({
      max_tokens: 5,
      greedy: true,
      stop: "a=b",
    });
  });

  test("what is no assignment is refused by the name of its option", () => {
    expect(() => readParameters(["max_tokens"])).toThrow(
      expect.objectContaining({
        code: "invalidArgument",
        message: '--parameter "max_tokens": expected <name>=<value>',
      }),
    );
  });
});
