import { describe, expect, test } from "vitest";
import { openTogether } from "./open-together.ts";

/** Opens two things that write down when they are closed. */
function openTwo(closed: string[], failure?: Error): Promise<{ name: string } & AsyncDisposable> {
  const closeOf = (name: string) => () => Promise.resolve(closed.push(name));
  return openTogether((onClose) => {
    onClose(closeOf("server"));
    onClose(closeOf("client"));
    return failure === undefined ? Promise.resolve({ name: "both" }) : Promise.reject(failure);
  });
}

describe("openTogether()", () => {
  test("gives what was opened, and closes it with the result, the last first", async () => {
    const closed: string[] = [];
    {
      await using both = await openTwo(closed);
      expect(both.name).toBe("both");
      expect(closed).toEqual([]);
    }
    expect(closed).toEqual(["client", "server"]);
  });

  test("closes what is open when the rest cannot be opened", async () => {
    const closed: string[] = [];
    const failure = new Error("no worker");
    await expect(openTwo(closed, failure)).rejects.toBe(failure);
    expect(closed).toEqual(["client", "server"]);
  });

  test("closes the others when one cannot be closed, and tells why", async () => {
    const closed: string[] = [];
    const both = await openTogether((onClose) => {
      onClose(() => Promise.resolve(closed.push("server")));
      onClose(() => Promise.reject(new Error("the client hangs")));
      return Promise.resolve({});
    });
    await expect(both[Symbol.asyncDispose]()).rejects.toThrow("the client hangs");
    expect(closed).toEqual(["server"]);
  });
});
