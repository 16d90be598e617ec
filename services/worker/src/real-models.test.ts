import { join } from "node:path";

import type { AdmittedRequest, Frame } from "@sluice/protocol";
import { encodeStrings, stringsOf, typedArrayOf } from "@sluice/protocol";
import { systemClock, type Clock } from "@sluice/runtime";
import { anAdmittedRequest, drawTextStrip } from "@sluice/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Answers } from "./fixtures/answer-batch.ts";
import { answerBatch } from "./fixtures/answer-batch.ts";
import { loadRepository, type LoadedModels } from "./fixtures/load-repository.ts";

let models: LoadedModels;

beforeAll(async () => {
  models = await loadRepository(join(import.meta.dirname, "../../../deploy/models"));
});

afterAll(() => models[Symbol.asyncDispose]());

/** Runs a batch of a shipped model. */
async function answer(name: string, requests: readonly AdmittedRequest[]): Promise<Answers> {
  const model = models.get(name);
  if (model === undefined) throw new Error(`${name} is not loaded`);
  return answerBatch(model, requests);
}

function aTextRequest(
  id: string,
  texts: readonly string[],
  fields: Partial<AdmittedRequest> = {},
): AdmittedRequest {
  return anAdmittedRequest({
    id,
    timeoutMs: 0,
    inputs: [{ name: "text", datatype: "BYTES", shape: [texts.length] }],
    body: [encodeStrings(texts)],
    ...fields,
  });
}

function first(frames: readonly Frame[]): Frame {
  const [frame] = frames;
  if (frame === undefined) throw new Error("there is no frame");
  return frame;
}

function outputOf({ outputs, body }: Frame, name: string) {
  const place = outputs.findIndex((output) => output.name === name);
  const layout = outputs[place];
  if (layout === undefined) throw new Error(`no output ${name}`);
  return { ...layout, bytes: body[place] ?? new Uint8Array() };
}

function floatsOf(frame: Frame, name: string): number[] {
  return Array.from(typedArrayOf(outputOf(frame, name)), Number);
}

describe("language-id", () => {
  test("names the language of each text of each request, in one run", async () => {
    const { frames, events } = await answer("language-id", [
      aTextRequest("r1", ["The quick brown fox jumps over the lazy dog and runs away into the forest"]),
      aTextRequest("r2", [
        "Der schnelle braune Fuchs springt über den faulen Hund und läuft in den Wald",
        "Le renard brun rapide saute par-dessus le chien paresseux et court dans la forêt",
      ]),
    ]);
    expect(frames.map((frame) => stringsOf(outputOf(frame, "language")))).toEqual([["eng"], ["deu", "fra"]]);
    expect(floatsOf(first(frames), "probability")[0]).toBeGreaterThan(0.9);
    expect(events.filter(({ type }) => type === "engineRan")).toHaveLength(1);
  });

  test("gives as many labels as top_k asks for, and only the wanted output", async () => {
    const { frames } = await answer("language-id", [
      aTextRequest("r1", ["Buongiorno a tutti, come state oggi?"], {
        parameters: { top_k: 3 },
        outputs: ["language"],
      }),
    ]);
    expect(frames[0]?.outputs).toEqual([{ name: "language", datatype: "BYTES", shape: [1, 3] }]);
  });

  test("declares the text form beside the raw tensors", () => {
    const { forms, parameters } = models.get("language-id")?.signature ?? {};
    expect(forms?.map(({ name }) => name)).toEqual(["tensors", "text"]);
    expect(forms?.[1]?.outputs).toEqual([
      { name: "language", datatype: "BYTES", shape: [-1] },
      { name: "probability", datatype: "FP32", shape: [-1] },
    ]);
    expect(parameters).toEqual([{ name: "top_k", type: "number", minimum: 1, maximum: 50 }]);
  });
});

describe("sentence-embedding", () => {
  const short = "Hello world";
  const long =
    "Large batches of texts whose lengths differ a lot are cut into several runs of the engine, because the padding of short texts costs more than another run does";

  test("gives a text the same embedding alone and among others", async () => {
    const alone = await answer("sentence-embedding", [aTextRequest("r1", [short])]);
    const among = await answer(
      "sentence-embedding",
      [short, "Hello there, world", "A sentence of medium length about batches"].map((text, index) =>
        aTextRequest(`r${index + 1}`, [text]),
      ),
    );
    const expected = floatsOf(first(alone.frames), "embedding");
    const frame = first(among.frames.filter(({ id }) => id === "r1"));
    const actual = floatsOf(frame, "embedding");
    expect(expected).toHaveLength(512);
    const similarity = actual.reduce((total, value, index) => total + value * (expected[index] ?? 0), 0);
    expect(similarity).toBeGreaterThan(0.99);
  });

  test("runs texts of very different length in different runs", async () => {
    const texts = [...Array.from({ length: 8 }, () => short), long];
    const { events, frames } = await answer(
      "sentence-embedding",
      texts.map((text, index) => aTextRequest(`r${index}`, [text])),
    );
    expect(events.filter(({ type }) => type === "engineRan")).toHaveLength(2);
    expect(frames).toHaveLength(9);
  });

  test("runs the texts of one request apart where they differ in length, and gives one result", async () => {
    const texts = [long, ...Array.from({ length: 8 }, () => short)];
    const { events, frames } = await answer("sentence-embedding", [aTextRequest("r1", texts)]);
    expect(events.filter(({ type }) => type === "engineRan")).toHaveLength(2);
    const rows = floatsOf(first(frames), "embedding");
    expect(outputOf(first(frames), "embedding").shape).toEqual([9, 512]);
    const alone = await answer("sentence-embedding", [aTextRequest("r1", [long])]);
    expect(rows.slice(0, 512)).toEqual(floatsOf(first(alone.frames), "embedding"));
  });
});

describe("text-recognition", () => {
  function aStripRequest(id: string, texts: readonly string[], widthPixels: number): AdmittedRequest {
    const strips = texts.map((text) => new Uint8Array(drawTextStrip(text, widthPixels).buffer));
    return anAdmittedRequest({
      id,
      timeoutMs: 0,
      items: texts.length,
      inputs: [{ name: "x", datatype: "FP32", shape: [texts.length, 3, 48, widthPixels] }],
      body: [Buffer.concat(strips)],
    });
  }

  test("reads the text of each strip, those of one width in one run", async () => {
    const { frames, events } = await answer("text-recognition", [
      aStripRequest("r1", ["LUCIE 2", "ABC 123"], 192),
      aStripRequest("r2", ["ABC 123"], 192),
      aStripRequest("r3", ["SLUICE"], 160),
    ]);
    const texts = new Map(frames.map((frame) => [frame.id, stringsOf(outputOf(frame, "text"))]));
    expect(texts).toEqual(
      new Map([
        ["r1", ["LUCIE 2", "ABC 123"]],
        ["r2", ["ABC 123"]],
        ["r3", ["SLUICE"]],
      ]),
    );
    expect(floatsOf(first(frames), "score")[0]).toBeGreaterThan(0.8);
    const shapes = events.flatMap((event) => (event.type === "engineRan" ? (event.shape ?? []) : []));
    expect(shapes.map(({ rowCount, length }) => [rowCount, length])).toEqual([
      [3, 192],
      [1, 160],
    ]);
  });

  test("reads strip by strip, in turns with what else the worker has to do", async () => {
    const turnCountOf = async (stripCount: number): Promise<number> => {
      let turnCount = 0;
      let nowMs = 0;
      const clock: Clock = {
        ...systemClock,
        // Whatever is done takes longer than a turn may.
        monotonicMs: () => (nowMs += 20),
        afterRead: (callback) => {
          turnCount += 1;
          return systemClock.afterRead(callback);
        },
      };
      const model = models.get("text-recognition");
      if (model === undefined) throw new Error("text-recognition is not loaded");
      const strips = Array.from({ length: stripCount }, () => "");
      await answerBatch(model, [aStripRequest("r1", strips, 32)], { clock });
      return turnCount;
    };
    expect((await turnCountOf(9)) - (await turnCountOf(1))).toBeGreaterThanOrEqual(8);
  });

  test("reads nothing from an empty strip", async () => {
    const { frames } = await answer("text-recognition", [aStripRequest("r1", [""], 64)]);
    expect(stringsOf(outputOf(first(frames), "text"))).toEqual([""]);
    expect(floatsOf(first(frames), "score")).toEqual([0]);
  });

  test("gives text in the place of its scores", () => {
    const { forms } = models.get("text-recognition")?.signature ?? {};
    expect(forms).toEqual([
      {
        name: "text",
        inputs: [{ name: "x", datatype: "FP32", shape: [-1, 3, 48, -1] }],
        outputs: [
          { name: "text", datatype: "BYTES", shape: [-1] },
          { name: "score", datatype: "FP32", shape: [-1] },
        ],
      },
    ]);
  });
});

describe("char-lm", () => {
  const prompt = aTextRequest("r1", ["Run the command "], { parameters: { max_tokens: 12 } });

  test("continues a text and says why it ended", async () => {
    const { frames } = await answer("char-lm", [prompt]);
    expect(frames).toMatchObject([
      { frame: 0, final: true, code: "ok", parameters: { finish_reason: "length" } },
    ]);
    const [text] = stringsOf(outputOf(first(frames), "text"));
    expect(text).toHaveLength(12);
    expect(text).toMatch(/^[a-z .]+$/u);
  });

  test("streams one frame a character, the same text", async () => {
    const whole = await answer("char-lm", [prompt]);
    const { frames } = await answer("char-lm", [{ ...prompt, stream: true }]);
    expect(frames.map(({ frame }) => frame)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(frames.map(({ final }) => final)).toEqual([...Array.from({ length: 11 }, () => false), true]);
    const text = frames.map((frame) => stringsOf(outputOf(frame, "text"))[0]).join("");
    expect([text]).toEqual(stringsOf(outputOf(first(whole.frames), "text")));
  });

  test("stops when the context is full", async () => {
    const long = aTextRequest("r1", ["word ".repeat(51)], { parameters: { max_tokens: 100 } });
    const { frames } = await answer("char-lm", [long]);
    expect(frames[0]?.parameters).toEqual({ finish_reason: "context" });
    expect(stringsOf(outputOf(first(frames), "text"))[0]).toHaveLength(1);
  });

  test.each([
    ["a character it does not know", ["Grüße"], 'has "ü", expected only characters of'],
    ["an empty prompt", [""], "expected 1 to 255"],
    ["a prompt that fills the context", ["a".repeat(256)], "expected 1 to 255"],
    ["two prompts", ["a", "b"], "expected one prompt"],
  ])("refuses %s", async (_, texts, message) => {
    const { frames } = await answer("char-lm", [aTextRequest("r1", texts)]);
    expect(frames).toMatchObject([{ code: "invalidArgument", final: true }]);
    expect(frames[0]?.message).toContain(message);
  });
});
