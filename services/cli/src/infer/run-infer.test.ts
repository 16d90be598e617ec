import { connectMessaging, type Messaging } from "@sluice/messaging";
import {
  decodeRequestPack,
  encodeReplyPack,
  frameDefaults,
  queueGroups,
  subjects,
  tensorOf,
} from "@sluice/protocol";
import { silentLogger, systemClock } from "@sluice/runtime";
import { createGate, startNatsServer } from "@sluice/testing";
import { expect, test } from "vitest";
import { createProgram } from "../program.ts";

const lost = "the connection to NATS is lost, trying to get it back";

/** Takes the requests of model `echo`; answers all but the first, of which it tells. */
function serveAllButFirst(messaging: Messaging, onFirst: () => void): void {
  let count = 0;
  messaging.subscribe(
    subjects.inferAll("echo"),
    ({ payload, reply }) => {
      count += 1;
      if (count === 1) {
        onFirst();
        return;
      }
      const { bytes, ...layout } = tensorOf("y", Float32Array.of(1), [1]);
      const frames = decodeRequestPack(payload).requests.map(({ id }) => ({
        ...frameDefaults,
        id,
        tenant: "demo",
        reply,
        epoch: 1,
        outputs: [layout],
        body: [bytes],
      }));
      messaging.publish(reply, encodeReplyPack({ model: "echo", version: "1", frames }));
    },
    { queue: queueGroups.owner },
  );
}

test("a call goes on when its server comes back, and says meanwhile that the connection is lost", async () => {
  await using server = await startNatsServer();
  await using owner = await connectMessaging({
    servers: [server.url],
    name: "owner",
    log: silentLogger,
    clock: systemClock,
  });
  const arrived = createGate();
  serveAllButFirst(owner, arrived.open);
  await owner.flush();
  const told = createGate();
  const notes: string[] = [];
  let output = "";
  const program = createProgram({
    env: { NATS_URL: server.url },
    folder: "/nowhere",
    clock: systemClock,
    print: (text) => {
      output += text;
    },
    note: (line) => {
      notes.push(line);
      if (line === lost) told.open();
    },
  });
  const ended = program.parseAsync(["node", "sluice", "infer", "echo", "--input", "x=[1]"]);
  await arrived.pass();
  await server.kill();
  await told.pass();
  await server.restart();
  await ended;
  expect(output).toContain("y");
  expect(notes).toEqual(expect.arrayContaining([lost, "connected again"]));
});
