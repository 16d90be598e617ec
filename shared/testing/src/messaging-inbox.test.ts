import { createInbox, type Message } from "@sluice/messaging";
import { describe, expect, test } from "vitest";
import { createFakeClock } from "./fake-clock.ts";

function create() {
  const clock = createFakeClock();
  const replies: string[] = [];
  const inbox = createInbox("_INBOX.me", clock);
  const ask = (timeoutMs: number) => inbox.ask({ timeoutMs }, (reply) => void replies.push(reply));
  return { clock, inbox, replies, ask };
}

function answerTo(subject: string | undefined): Message {
  return {
    subject: subject ?? "",
    payload: new Uint8Array(),
    reply: "",
    isNoResponders: false,
    header: () => "",
  };
}

describe("createInbox()", () => {
  test("keeps one timer for all questions, and none once they are answered", async () => {
    const { clock, inbox, replies, ask } = create();
    const questions = [ask(1_000), ask(1_000), ask(2_000)];
    expect(clock.pending).toBe(1);
    for (const reply of replies) inbox.dispatch(answerTo(reply));
    await Promise.all(questions);
    expect(clock.pending).toBe(0);
  });

  test("ends a question with a shorter timeout first", async () => {
    const { clock, ask } = create();
    const ended: string[] = [];
    const note = (name: string) => (): void => void ended.push(name);
    void ask(1_000).catch(note("long"));
    void ask(10).catch(note("short"));
    await clock.advance(10);
    expect(ended).toEqual(["short"]);
    await clock.advance(990);
    expect(ended).toEqual(["short", "long"]);
    expect(clock.pending).toBe(0);
  });

  test("lets a timeout come at most 10 ms late when many fall together", async () => {
    const { clock, ask } = create();
    const startMs = clock.monotonicMs();
    const lateMs: number[] = [];
    for (let timeoutMs = 1; timeoutMs <= 100; timeoutMs++) {
      void ask(timeoutMs).catch(() => lateMs.push(clock.monotonicMs() - startMs - timeoutMs));
    }
    await clock.advance(110);
    expect(lateMs).toHaveLength(100);
    expect(Math.max(...lateMs)).toBeLessThanOrEqual(10);
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
  });

  test("drops answers to questions it does not know", async () => {
    const { clock, inbox, replies, ask } = create();
    const refused = expect(ask(10)).rejects.toMatchObject({ code: "deadlineExceeded" });
    await clock.advance(10);
    await refused;
    expect(() => inbox.dispatch(answerTo(replies[0]))).not.toThrow();
  });

  test("forgets a question that could not be sent", async () => {
    const { clock, inbox } = create();
    const asking = inbox.ask({ timeoutMs: 1_000 }, () => {
      throw new Error("too large");
    });
    await expect(asking).rejects.toThrow("too large");
    expect(clock.pending).toBe(0);
  });

  test("leaves no listener on a signal", async () => {
    const { inbox } = create();
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    signal.addEventListener = (_: string, listener: unknown) => void listeners.add(listener);
    signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener);
    await inbox.ask({ timeoutMs: 1_000, signal }, (reply) => {
      inbox.dispatch(answerTo(reply));
      return undefined;
    });
    expect(listeners.size).toBe(0);
  });

  test("fails what is open when it is disposed, and keeps no timer", async () => {
    const { clock, inbox, ask } = create();
    const refused = expect(ask(1_000)).rejects.toMatchObject({ code: "unavailable" });
    inbox[Symbol.dispose]();
    await refused;
    expect(clock.pending).toBe(0);
  });
});
