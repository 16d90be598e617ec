import { connectMessaging, type Messaging } from "@sluice/messaging";
import { decodeReplyPack, decodeResultsAck, encodeResultPack, subjects, type Frame } from "@sluice/protocol";
import { silentLogger, systemClock, type StateChanged } from "@sluice/runtime";
import { aFrame, collectEvents, startNatsServer } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createResults } from "./results.ts";
import type { ResultsEvent } from "./results-event.ts";

describe("on a real server", () => {
  test("answers, acknowledges, notices a caller that has left, and drains", async () => {
    await using server = await startNatsServer();
    const open = (name: string): Promise<Messaging> =>
      connectMessaging({ servers: [server.url], name, log: silentLogger, clock: systemClock });
    await using messaging = await open("r1");
    await using worker = await open("w1");
    await using caller = await open("caller");
    const events = collectEvents<ResultsEvent | StateChanged>();
    const results = createResults({
      instance: "r1",
      graceMs: 0,
      messaging,
      clock: systemClock,
      log: silentLogger,
      onEvent: events.onEvent,
    });
    const shutdown = new AbortController();
    const ended = results.run(shutdown.signal);
    await events.next("stateChanged");
    const send = async (frames: readonly Frame[]) => {
      const payload = encodeResultPack({ worker: "w1", packId: "", model: "echo", version: "1", frames });
      return decodeResultsAck(
        (await worker.request(subjects.results(), payload, { timeoutMs: 5000 })).payload,
      );
    };

    const seen: Frame[] = [];
    const subscription = caller.subscribe("sluice.v1.reply.acme.c1", ({ payload }) => {
      seen.push(...decodeReplyPack(payload).frames);
    });
    await caller.flush();
    const reply = subscription.subject;
    await expect(send([aFrame({ reply, final: false })])).resolves.toEqual({ instance: "r1", gone: [] });
    await caller.flush();
    expect(seen).toMatchObject([{ id: "request-1", frame: 0 }]);

    await send([aFrame({ id: "stream", reply: "_INBOX.nobody", final: false })]);
    await messaging.flush();
    await expect(
      send([aFrame({ id: "stream", reply: "_INBOX.nobody", frame: 1, final: false })]),
    ).resolves.toEqual({
      instance: "r1",
      gone: ["stream"],
    });

    shutdown.abort();
    await ended;
    await expect(send([aFrame()])).rejects.toMatchObject({ details: { reason: "noResponders" } });
  });
});
