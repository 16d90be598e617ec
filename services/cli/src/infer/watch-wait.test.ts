import { createFakeClock } from "@sluice/testing";
import { expect, test, vi } from "vitest";
import { watchWait } from "./watch-wait.ts";

test("a hint names the request once it has waited for two seconds, by its last id", async () => {
  const clock = createFakeClock();
  const note = vi.fn<(line: string) => void>();
  using wait = watchWait({ clock, note }, { tenant: "acme", connection: { isLost: false } });
  wait.noteSent("r-1");
  wait.noteSent("r-2");
  await clock.advance(1999);
  expect(note).not.toHaveBeenCalled();
  await clock.advance(10_000);
  expect(note.mock.calls).toEqual([["no answer yet; where it stands: npx sluice explain r-2 --tenant acme"]]);
});

test("there is no hint while the connection is lost: nobody could be asked", async () => {
  const clock = createFakeClock();
  const note = vi.fn<(line: string) => void>();
  using wait = watchWait({ clock, note }, { tenant: "acme", connection: { isLost: true } });
  wait.noteSent("r-1");
  await clock.advance(5000);
  expect(note).not.toHaveBeenCalled();
});

test("there is no hint for a call that has ended, or was never sent", async () => {
  const clock = createFakeClock();
  const note = vi.fn<(line: string) => void>();
  watchWait({ clock, note }, { tenant: "acme", connection: { isLost: false } })[Symbol.dispose]();
  using _unsent = watchWait({ clock, note }, { tenant: "acme", connection: { isLost: false } });
  await clock.advance(5000);
  expect(note).not.toHaveBeenCalled();
  expect(clock.pending).toBe(0);
});
