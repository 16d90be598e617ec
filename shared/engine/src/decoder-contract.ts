import { describe, expect, test } from "vitest";
import type { Decoder, StepOutcome, StepRow } from "./decoder.ts";
import type { Engine } from "./engine.ts";

/** An engine under test that is a decoder. */
export interface DecoderSubject {
  readonly engine: Engine;
  /** Prompts of different lengths, at least three. */
  readonly prompts: readonly (readonly number[])[];
  /** A token that the model cannot take. */
  readonly wrongToken: number;
}

/** The rules that every {@link Decoder} keeps. `create` makes a fresh engine for each test, which closes it. */
export function describeDecoder(name: string, create: () => Promise<DecoderSubject>): void {
  describe(`${name} is a decoder: it`, () => {
    test("gives sequences of different length the tokens that each gets alone", async () => {
      const { engine, prompts } = await create();
      await using _ = engine;
      const decoder = decoderOf(engine);
      const alone = [];
      for (const [index, prompt] of prompts.entries()) {
        alone.push(await continueAll(decoder, [{ sequence: 100 + index, tokens: prompt }], 6));
      }
      const rows = prompts.map((tokens, sequence) => ({ sequence, tokens }));
      expect(await continueAll(decoder, rows, 6)).toEqual(alone.flat());
    });

    test("lets sequences join and leave between steps, and pause", async () => {
      const { engine, prompts } = await create();
      await using _ = engine;
      const decoder = decoderOf(engine);
      const [first = [], second = [], third = []] = prompts;
      const expected = [];
      for (const [index, tokens] of [first, second, third].entries()) {
        expected.push(...(await continueAll(decoder, [{ sequence: 100 + index, tokens }], 7)));
      }

      const texts = new Map<number, number[]>([0, 1, 2].map((sequence) => [sequence, []]));
      const step = async (members: readonly number[], forgotten: readonly number[] = []): Promise<void> => {
        const rows = members.map((sequence) => {
          const [last] = texts.get(sequence)?.slice(-1) ?? [];
          const prompt = [first, second, third][sequence] ?? [];
          return { sequence, tokens: last === undefined ? prompt : [last] };
        });
        const { outcomes } = await decoder.step({ rows, forgotten });
        for (const [index, token] of tokensOf(outcomes).entries())
          texts.get(members[index] ?? -1)?.push(token);
      };
      await step([0]);
      await step([0, 1]);
      await step([1, 0]);
      await step([0, 1, 2]);
      await step([2, 1]);
      await step([0, 2, 1]);
      await step([0, 1, 2]);
      await step([2, 1], [0]);
      await step([2]);
      await step([2], [1]);
      expect(texts.get(0)).toEqual(expected[0]?.slice(0, 6));
      expect(texts.get(1)).toEqual(expected[1]);
      expect(texts.get(2)).toEqual(expected[2]);
    });

    test("reads a prompt in pieces as it reads it whole", async () => {
      const { engine, prompts } = await create();
      await using _ = engine;
      const decoder = decoderOf(engine);
      const prompt = prompts.reduce((a, b) => (b.length > a.length ? b : a));
      const whole = await decoder.step({ rows: [{ sequence: 1, tokens: prompt }], forgotten: [] });
      for (const token of prompt.slice(0, -1)) {
        await decoder.step({ rows: [{ sequence: 2, tokens: [token] }], forgotten: [] });
      }
      const pieces = await decoder.step({ rows: [{ sequence: 2, tokens: prompt.slice(-1) }], forgotten: [] });
      expect(tokensOf(pieces.outcomes)).toEqual(tokensOf(whole.outcomes));
    });

    test("begins a forgotten sequence anew", async () => {
      const { engine, prompts } = await create();
      await using _ = engine;
      const decoder = decoderOf(engine);
      const rows = prompts.map((tokens, sequence) => ({ sequence, tokens }));
      const before = await continueAll(decoder, rows, 4);
      await decoder.step({ rows: [], forgotten: rows.map(({ sequence }) => sequence) });
      expect(await continueAll(decoder, rows, 4)).toEqual(before);
    });

    test("fails the one row that the model cannot take, and gives the others their tokens", async () => {
      const { engine, prompts, wrongToken } = await create();
      await using _ = engine;
      const decoder = decoderOf(engine);
      const [prompt = []] = prompts;
      const wrong = [wrongToken, ...prompt.slice(1)];
      const rows = [
        { sequence: 1, tokens: prompt },
        { sequence: 2, tokens: wrong },
        { sequence: 3, tokens: prompt },
      ];
      const { outcomes } = await decoder.step({ rows, forgotten: [] });
      expect(outcomes.map(({ kind }) => kind)).toEqual(["token", "failed", "token"]);
      expect(outcomes[1]).toMatchObject({ error: { code: "internal" } });
      const [token, other] = tokensOf(outcomes);
      expect(token).toBe(other);
    });

    test("shares the time of a step among its rows", async () => {
      const { engine, prompts } = await create();
      await using _ = engine;
      const rows = prompts.map((tokens, sequence) => ({ sequence, tokens }));
      const { outcomes, inferenceMs, transferMs } = await decoderOf(engine).step({ rows, forgotten: [] });
      let sharedMs = 0;
      for (const outcome of outcomes) sharedMs += outcome.kind === "token" ? outcome.inferenceMs : 0;
      expect(sharedMs).toBeGreaterThan(0);
      expect(sharedMs).toBeLessThanOrEqual(inferenceMs + 1e-6);
      expect(transferMs).toBeGreaterThanOrEqual(0);
    });

    test.each([
      { wrong: "a row without tokens", rows: [{ sequence: 1, tokens: [] }] },
      {
        wrong: "a sequence that comes twice",
        rows: [
          { sequence: 1, tokens: [1] },
          { sequence: 1, tokens: [1] },
        ],
      },
    ])("refuses $wrong with invalidArgument", async ({ rows }) => {
      const { engine } = await create();
      await using _ = engine;
      const refusal = decoderOf(engine).step({ rows, forgotten: [] });
      await expect(refusal).rejects.toMatchObject({ code: "invalidArgument" });
    });

    test("refuses steps with unavailable once its engine closes", async () => {
      const { engine } = await create();
      const closed = engine.close();
      const refusal = decoderOf(engine).step({ rows: [], forgotten: [] });
      await expect(refusal).rejects.toMatchObject({ code: "unavailable" });
      await closed;
    });
  });
}

function decoderOf({ decoder }: Engine): Decoder {
  if (decoder === undefined) throw new Error("the engine is no decoder");
  return decoder;
}

/** Continues all rows together for `count` steps; gives the tokens of each. */
async function continueAll(decoder: Decoder, rows: readonly StepRow[], count: number): Promise<number[][]> {
  const texts: number[][] = rows.map(() => []);
  let next = rows;
  for (let step = 0; step < count; step++) {
    const tokens = tokensOf((await decoder.step({ rows: next, forgotten: [] })).outcomes);
    for (const [index, token] of tokens.entries()) texts[index]?.push(token);
    next = rows.map(({ sequence }, index) => ({ sequence, tokens: tokens.slice(index, index + 1) }));
  }
  return texts;
}

function tokensOf(outcomes: readonly StepOutcome[]): number[] {
  return outcomes.flatMap((outcome) => (outcome.kind === "token" ? [outcome.token] : []));
}
