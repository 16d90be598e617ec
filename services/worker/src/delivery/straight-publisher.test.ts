import type { MessagingEvent } from "@sluice/messaging";
import { InferenceError } from "@sluice/protocol";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import type { Reply } from "./straight-publisher.ts";
import { createStraightPublisher } from "./straight-publisher.ts";

const megabyte = 1024 * 1024;

function aReply(name: string, bytes = 1): Reply {
  return { reply: `sluice.v1.reply.acme.${name}`, payload: new Uint8Array(bytes) };
}

/** A publisher on a connection whose server answers questions when the test says so. */
function aPublisher() {
  const clock = createFakeClock();
  const published: string[] = [];
  const unsent: string[] = [];
  const questions: { readonly answer: () => void; readonly lose: () => void }[] = [];
  let refuse: ((error: InferenceError) => void) | undefined;
  let isFull = false;
  let roomCount = 0;
  let tell: (event: MessagingEvent) => void = () => undefined;
  const publisher = createStraightPublisher({
    messaging: {
      publish: (subject, _payload, { onUnsent } = {}) => {
        if (isFull) throw new InferenceError("unavailable", "the outgoing buffer is full");
        published.push(subject.slice(subject.lastIndexOf(".") + 1));
        refuse = onUnsent;
      },
      flush: () =>
        new Promise((answer, reject) => {
          questions.push({ answer, lose: () => reject(new InferenceError("unavailable", "disconnected")) });
        }),
      onEvent: (listener) => {
        tell = listener;
        return { [Symbol.dispose]: () => undefined };
      },
    },
    clock,
    onUnsent: ({ reply }) => unsent.push(reply),
    onRoom: () => {
      roomCount += 1;
    },
  });
  return {
    clock,
    publisher,
    published,
    unsent,
    questions,
    roomCount: () => roomCount,
    refuseLast: () => refuse?.(new InferenceError("resourceExhausted", "too large")),
    fill: () => {
      isFull = true;
    },
    loseConnection: () => tell({ type: "disconnected" }),
  };
}

describe("createStraightPublisher()", () => {
  test("publishes again what the server was not known to have when the connection was lost", async () => {
    const { clock, publisher, published, questions, loseConnection } = aPublisher();
    publisher.publish(aReply("a"));
    await clock.advance(500);
    questions[0]?.answer();
    await clock.settle();
    publisher.publish(aReply("b"));
    await clock.advance(500);
    publisher.publish(aReply("c"));
    loseConnection();
    expect(published).toEqual(["a", "b", "c", "b", "c"]);
    publisher[Symbol.dispose]();
  });

  test("does so once when the question fails before the loss is told", async () => {
    const { clock, publisher, published, questions, loseConnection } = aPublisher();
    publisher.publish(aReply("a"));
    await clock.advance(500);
    publisher.publish(aReply("b"));
    questions[0]?.lose();
    await clock.settle();
    loseConnection();
    expect(published).toEqual(["a", "b", "a", "b"]);
    publisher[Symbol.dispose]();
  });

  test("takes no answer to a question for what was published again since", async () => {
    const { clock, publisher, published, questions, loseConnection } = aPublisher();
    publisher.publish(aReply("a"));
    await clock.advance(500);
    loseConnection();
    questions[0]?.answer();
    await clock.settle();
    loseConnection();
    expect(published).toEqual(["a", "a", "a"]);
    publisher[Symbol.dispose]();
  });

  test("asks once for many messages, and at once for much", async () => {
    const { clock, publisher, questions } = aPublisher();
    for (let count = 0; count < 100; count++) publisher.publish(aReply("a"));
    await clock.advance(499);
    expect(questions).toHaveLength(0);
    publisher.publish(aReply("b", megabyte));
    expect(questions).toHaveLength(1);
    questions[0]?.answer();
    await clock.advance(1000);
    expect(questions).toHaveLength(1);
    publisher[Symbol.dispose]();
  });

  test("has no room while the server does not answer for 16 MiB, and says when it has", async () => {
    const { clock, publisher, questions, roomCount } = aPublisher();
    for (let count = 0; count < 15; count++) publisher.publish(aReply("a", megabyte));
    expect(publisher.hasRoom).toBe(true);
    publisher.publish(aReply("a", megabyte));
    expect(publisher.hasRoom).toBe(false);
    questions[0]?.answer();
    await clock.settle();
    expect(roomCount()).toBe(1);
    expect(publisher.hasRoom).toBe(true);
    publisher[Symbol.dispose]();
  });

  test("hands on what cannot be published again, or not once the connection is back", () => {
    const { publisher, unsent, loseConnection, refuseLast, fill } = aPublisher();
    publisher.publish(aReply("a"));
    loseConnection();
    refuseLast();
    expect(unsent).toEqual(["sluice.v1.reply.acme.a"]);
    fill();
    loseConnection();
    expect(unsent).toHaveLength(2);
    publisher[Symbol.dispose]();
  });

  test("leaves no timer behind", async () => {
    const { clock, publisher } = aPublisher();
    publisher.publish(aReply("a"));
    publisher[Symbol.dispose]();
    publisher.publish(aReply("b"));
    expect(clock.pending).toBe(0);
  });
});
