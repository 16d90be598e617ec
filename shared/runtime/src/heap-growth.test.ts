import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { growthPercent, letHeapGrow } from "./heap-growth.ts";

vi.mock("node:v8", { spy: true });

const mebibyte = 2 ** 20;

describe("growthPercent()", () => {
  test.each([
    { usedMiB: 4, percent: 400 },
    { usedMiB: 16, percent: 400 },
    { usedMiB: 32, percent: 200 },
    { usedMiB: 64, percent: 100 },
    { usedMiB: 65, percent: 0 },
    { usedMiB: 1000, percent: 0 },
  ])("is $percent with $usedMiB MiB in use", ({ usedMiB, percent }) => {
    expect(growthPercent(usedMiB * mebibyte)).toBe(percent);
  });
});

describe("letHeapGrow()", () => {
  afterEach(() => void vi.restoreAllMocks());

  test("says how far the heap may grow at once and after each collection of all of it, and leaves it to V8 at its end", async () => {
    setFlagsFromString("--expose-gc");
    const collectAll: () => void = runInNewContext("gc");
    const statistics = getHeapStatistics();
    const told = vi.mocked(setFlagsFromString).mockReset();
    const use = (usedMiB: number): void =>
      void vi
        .mocked(getHeapStatistics)
        .mockReturnValue({ ...statistics, used_heap_size: usedMiB * mebibyte });
    use(32);
    const growth = letHeapGrow();
    expect(told).toHaveBeenLastCalledWith("--heap-growing-percent=200");
    use(100);
    collectAll();
    await vi.waitFor(() => expect(told).toHaveBeenLastCalledWith("--heap-growing-percent=0"));
    use(16);
    collectAll();
    await vi.waitFor(() => expect(told).toHaveBeenLastCalledWith("--heap-growing-percent=400"));
    growth[Symbol.dispose]();
    expect(told).toHaveBeenLastCalledWith("--heap-growing-percent=0");
  });
});
