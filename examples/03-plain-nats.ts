import { connect, createInbox } from "nats";

const nats = await connect({ servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222" });

// One request, one answer. The body is a document of the Open Inference Protocol, the answer another one.
const question = {
  inputs: [{ name: "text", datatype: "BYTES", shape: [1], data: ["Wo ist der Bahnhof?"] }],
};
const answer = await nats.request("sluice.v1.infer.language-id.demo", JSON.stringify(question));
console.log(answer.string());

// One request, many answers: subscribe an inbox, and publish with it as the reply subject.
const inbox = createInbox();
const frames = nats.subscribe(inbox);
const prompt = {
  id: "story-1",
  inputs: [{ name: "text", datatype: "BYTES", shape: [1], data: ["If you "] }],
  parameters: { stream: true, max_tokens: 20 },
};
nats.publish("sluice.v1.infer.char-lm.demo", JSON.stringify(prompt), { reply: inbox });
for await (const message of frames) {
  console.log(message.string());
  const { parameters } = message.json<{ parameters?: { final?: boolean } }>();
  // An error has no parameters, and ends the stream too.
  if (parameters?.final !== false) break;
}
await nats.drain();
