import { describe, expect, test } from "vitest";
import { createLifecycle, type ServiceState, type StateChanged } from "./lifecycle.ts";
import { silentLogger } from "./logger.ts";

function create() {
  const events: StateChanged[] = [];
  const lifecycle = createLifecycle({
    log: silentLogger,
    service: "worker",
    onEvent: (event) => events.push(event),
  });
  return { lifecycle, events };
}

describe("createLifecycle()", () => {
  test("starts in starting and tells every change", () => {
    const { lifecycle, events } = create();
    expect(lifecycle.state).toBe("starting");
    for (const state of ["running", "draining", "stopped"] as const) lifecycle.set(state);
    expect(lifecycle.state).toBe("stopped");
    expect(events).toEqual([
      { type: "stateChanged", from: "starting", to: "running" },
      { type: "stateChanged", from: "running", to: "draining" },
      { type: "stateChanged", from: "draining", to: "stopped" },
    ]);
  });

  test("does nothing when it is there already", () => {
    const { lifecycle, events } = create();
    lifecycle.set("starting");
    expect(events).toEqual([]);
  });

  test.each<[ServiceState[], ServiceState]>([
    [["running"], "starting"],
    [["running", "draining"], "running"],
    [["stopped"], "failed"],
    [["failed"], "running"],
  ])("refuses to go from %j to %s", (path, next) => {
    const { lifecycle } = create();
    for (const state of path) lifecycle.set(state);
    expect(() => lifecycle.set(next)).toThrow(`cannot go from ${path.at(-1)} to ${next}`);
    expect(lifecycle.state).toBe(path.at(-1));
  });
});
