import { describe, expect, test } from "vitest";
import { createResultsChoice } from "./results-choice.ts";

describe("createResultsChoice()", () => {
  test("is the queue group as long as that answers", () => {
    const choice = createResultsChoice();
    choice.answered("r1", 0);
    expect(choice.instance(1)).toBe("");
  });

  test("is for 10 s the instance that answered while the group did not", () => {
    const choice = createResultsChoice();
    choice.answered("r1", 100);
    choice.unanswered({ instance: "", sentMs: 0 }, 250);
    expect(choice.instance(251)).toBe("r1");
    expect(choice.instance(10_249)).toBe("r1");
    expect(choice.instance(10_250)).toBe("");
  });

  test("is no instance that has not answered since: it may be the dead one", () => {
    const choice = createResultsChoice();
    choice.answered("r1", 100);
    choice.unanswered({ instance: "", sentMs: 200 }, 450);
    expect(choice.instance(451)).toBe("");
  });

  test("is the queue group again when the instance does not answer either", () => {
    const choice = createResultsChoice();
    choice.answered("r1", 100);
    choice.unanswered({ instance: "", sentMs: 0 }, 250);
    choice.unanswered({ instance: "r1", sentMs: 300 }, 550);
    expect(choice.instance(551)).toBe("");
  });

  test("stays where it is when the instance of a stream does not answer", () => {
    const choice = createResultsChoice();
    choice.answered("r1", 100);
    choice.unanswered({ instance: "", sentMs: 0 }, 250);
    choice.unanswered({ instance: "r2", sentMs: 260 }, 510);
    expect(choice.instance(511)).toBe("r1");
  });
});
