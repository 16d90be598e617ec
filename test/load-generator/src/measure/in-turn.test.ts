import { describe, expect, test } from "vitest";
import { measureInTurn, type InTurnOutcome } from "./in-turn.ts";
import type { WindowFigures } from "./stability.ts";

function aWindow(requestsPerSecond: number, p50Ms = 1): WindowFigures {
  return { requestsPerSecond, p50Ms };
}

/** Measures subjects whose windows are given. */
async function measure(
  subjects: readonly (readonly WindowFigures[])[],
): Promise<InTurnOutcome<WindowFigures>> {
  return measureInTurn(subjects, {
    leastRounds: 3,
    mostRounds: 5,
    measure: (windows, round) => Promise.resolve(windows[round - 1] ?? aWindow(NaN)),
  });
}

describe("measureInTurn()", () => {
  test("measures every subject once in a round", async () => {
    const order: string[] = [];
    await measureInTurn(["a", "b"], {
      leastRounds: 2,
      mostRounds: 2,
      measure: (name, round) => {
        order.push(`${name}${round}`);
        return Promise.resolve(aWindow(1));
      },
    });
    expect(order).toEqual(["a1", "b1", "a2", "b2"]);
  });

  test("ends after the least rounds when all windows agree within 10 %", async () => {
    const { rounds, stable } = await measure([
      [aWindow(100), aWindow(105), aWindow(95)],
      [aWindow(7, 2), aWindow(7, 2.1), aWindow(7, 2.2)],
    ]);
    expect(rounds).toHaveLength(3);
    expect(stable).toEqual([true, true]);
  });

  test("goes on until the last three agree, of every subject", async () => {
    const { rounds, stable } = await measure([
      [aWindow(50), aWindow(100), aWindow(100), aWindow(100)],
      [aWindow(7), aWindow(7), aWindow(7), aWindow(7)],
    ]);
    expect(rounds).toHaveLength(4);
    expect(stable).toEqual([true, true]);
  });

  test("gives up after the most rounds and says who is not stable", async () => {
    const { rounds, stable } = await measure([
      [aWindow(9), aWindow(9), aWindow(9), aWindow(9), aWindow(9)],
      [aWindow(9, 1), aWindow(9, 2), aWindow(9, 1), aWindow(9, 2), aWindow(9, 1)],
    ]);
    expect(rounds).toHaveLength(5);
    expect(stable).toEqual([true, false]);
  });
});
