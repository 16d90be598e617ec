import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { startStack } from "./stack.ts";

const repository = fileURLToPath(new URL("../../deploy/models", import.meta.url));

describe("the models of deploy/models", () => {
  test("answer text and raw tensors, alone and together", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient();

    const language = await client
      .model("language-id")
      .infer({ text: ["Wo ist der Bahnhof?", "Where is it?"] });
    expect(language.outputs["language"]?.strings()).toEqual(["deu", "eng"]);
    expect(language.outputs["probability"]?.values()[0]).toBeCloseTo(0.7605, 3);
    expect(language.timings.totalMs).toBeGreaterThan(language.timings.inferenceMs);

    const raw = await client
      .model("language-id")
      .infer({ ngram_freq: { data: new Float32Array(620), shape: [1, 620] } });
    expect(raw.outputs["probs"]?.shape).toEqual([1, 50]);

    const embedding = client.model("sentence-embedding");
    const texts = ["Where is the station?", "How do I get to the train?", "I like cheese"];
    const together = await embedding.infer({ text: texts });
    const alone = await Promise.all(texts.map((text) => embedding.infer({ text: [text] })));
    const rows = together.outputs["embedding"]?.values();
    expect(together.outputs["embedding"]?.shape).toEqual([3, 512]);
    for (const [index, { outputs }] of alone.entries()) {
      const single = outputs["embedding"]?.values();
      let product = 0;
      for (let axis = 0; axis < 512; axis++) {
        product += Number(rows?.[index * 512 + axis]) * Number(single?.[axis]);
      }
      expect(product).toBeGreaterThan(0.999);
    }
    const ids = await embedding.infer({ input_ids: { data: BigInt64Array.of(5n, 6n, 7n), shape: [1, 3] } });
    expect(ids.outputs["embedding"]?.shape).toEqual([1, 512]);

    // White strips: one that is wider than the others runs by itself.
    const strip = (widthPixels: number) => ({
      x: { data: new Float32Array(3 * 48 * widthPixels).fill(1), shape: [1, 3, 48, widthPixels] },
    });
    const recognition = client.model("text-recognition");
    const readings = await Promise.all([64, 64, 96].map((width) => recognition.infer(strip(width))));
    expect(readings.map(({ outputs }) => outputs["text"]?.strings())).toEqual([[""], [""], [""]]);

    const probe = await client
      .model("overhead-probe")
      .infer({ input: { data: new Float32Array(16), shape: [1, 16] } });
    const probabilities = probe.outputs["probs"]?.values();
    expect(Array.from(probabilities ?? [], Number).reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 4);
  });

  test("stream a text as it is written, up to max_tokens or the context, and stop when the reader leaves", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient();
    const model = client.model("char-lm");
    const frames = [];
    for await (const frame of model.stream({ text: ["If you "] }, { parameters: { max_tokens: 100 } })) {
      frames.push(frame);
    }
    const written = frames.flatMap(({ outputs }) => outputs["text"]?.strings() ?? []).join("");
    expect(written).toHaveLength(100);
    expect(frames.length).toBeGreaterThanOrEqual(100);
    expect(frames.at(-1)).toMatchObject({ final: true, parameters: { finish_reason: "length" } });

    const whole = await model.infer({ text: ["If you "] }, { parameters: { max_tokens: 100 } });
    expect(whole.outputs["text"]?.strings()).toEqual([written]);

    const full = await model.infer({ text: ["If you "] }, { parameters: { max_tokens: 255 } });
    expect(full.outputs["text"]?.strings()[0]).toHaveLength(256 - "If you ".length);
    expect(full.parameters["finish_reason"]).toBe("context");

    let seenCount = 0;
    for await (const _ of model.stream({ text: ["If you "] }, { parameters: { max_tokens: 240 } })) {
      seenCount += 1;
      if (seenCount === 3) break;
    }
    // The model runs one prompt at a time: this one starts when the stream that was left has ended.
    await model.infer({ text: ["a"] }, { parameters: { max_tokens: 1 } });

    await expect(model.infer({ text: ["Straße"] })).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringContaining("ß"),
    });
  });
});
