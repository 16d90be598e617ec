import { describe, expect, test } from "vitest";
import { describeEvent, describeLogLine, progressLine } from "./progress.ts";

describe("describeLogLine", () => {
  test("shows a state change with its short fields", () => {
    const line = {
      level: "info",
      time: "t",
      service: "worker",
      msg: "model loaded",
      model: "echo",
      loadMs: 3.2,
      list: [1],
    };
    expect(describeLogLine(JSON.stringify(line))).toBe("model loaded model=echo loadMs=3");
  });

  test("shows the reason of a warning", () => {
    const line = { level: "warn", msg: "engine failed", err: { message: "no memory", stack: "…" } };
    expect(describeLogLine(JSON.stringify(line))).toBe("warn: engine failed (no memory)");
  });

  test("shows what nats-server warns of, which takes more words than a field of a state change may have", () => {
    const said = `[7] 2026/11/23 11:00:00.000000 [WRN] ${"JetStream out of space ".repeat(3)}`;
    const line = { msg: "nats-server warned", line: said };
    expect(describeLogLine(JSON.stringify({ level: "warn", ...line }))).toContain(said);
    expect(describeLogLine(JSON.stringify({ level: "info", ...line }))).toBe("nats-server warned");
  });

  test("leaves to the log file what the supervisor says itself", () => {
    expect(describeLogLine('{"level":"info","msg":"service state changed"}')).toBe("");
    expect(describeLogLine('{"level":"error","msg":"service failed"}')).toBe("error: service failed");
  });

  test("leaves debug lines to the log file, and shows what is not JSON as it is", () => {
    expect(describeLogLine('{"level":"debug","msg":"batch completed"}')).toBe("");
    expect(describeLogLine("Segmentation fault")).toBe("Segmentation fault");
  });
});

describe("progress", () => {
  test("a line has its name in a column of its own", () => {
    expect(progressLine("worker", "ready")).toBe("worker        ready");
  });

  test("a restart says why and when, and a kill says what was not kept", () => {
    expect(describeEvent({ type: "ended", reason: "signal SIGKILL", restartDelayMs: 250 })).toContain(
      "250 ms",
    );
    expect(describeEvent({ type: "killed", drainTimeoutMs: 10_000 })).toContain("10.0 s");
  });
});
