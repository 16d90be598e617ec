import { InferenceError } from "@sluice/protocol";
import { ConfigError } from "@sluice/runtime";
import { CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { endingOf } from "./exit-code.ts";

describe("endingOf", () => {
  test("a failure says its code and message on one line and exits 1", () => {
    const ending = endingOf(new InferenceError("notFound", 'no pool serves "x"\nknown: y'));
    expect(ending).toEqual({ exitCode: 1, line: 'error: notFound: no pool serves "x"; known: y' });
  });

  test("a wrong argument exits 2", () => {
    expect(endingOf(new InferenceError("invalidArgument", "wrong")).exitCode).toBe(2);
  });

  test("a wrong setting exits 2 and is named, on one line", () => {
    const problem = { variable: "SLUICE_POOL", given: "a b", expected: "expected a name" };
    expect(endingOf(new ConfigError([problem]))).toEqual({
      exitCode: 2,
      line: 'error: invalidArgument: the configuration is wrong: SLUICE_POOL="a b": expected a name',
    });
  });

  test("a foreign error is internal and names its cause", () => {
    expect(endingOf(new Error("EACCES: /x"))).toEqual({
      exitCode: 1,
      line: "error: internal: internal error (EACCES: /x)",
    });
  });

  test("a cause that the message has told already is not told again", () => {
    const cause = new Error("there is no command /x");
    const error = new InferenceError("invalidArgument", `wrong: ${cause.message}`, { cause });
    expect(endingOf(error).line).toBe("error: invalidArgument: wrong: there is no command /x");
  });

  test("commander has spoken already: usage errors exit 2, help exits 0", () => {
    expect(endingOf(new CommanderError(1, "commander.unknownOption", "unknown option"))).toEqual({
      exitCode: 2,
      line: "",
    });
    expect(endingOf(new CommanderError(0, "commander.helpDisplayed", "help")).exitCode).toBe(0);
  });
});
