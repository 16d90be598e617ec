import { connect } from "@sluice/client";

await using client = await connect({
  servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222",
  tenant: "demo",
});
const model = client.model("language-id");

const sentences = ["Wo ist der Bahnhof?", "Where is the station?", "¿Dónde está la estación?"];
const results = await Promise.all(
  sentences.map((text) => model.infer({ text: [text] }, { timeoutMs: 5000 })),
);
for (const { outputs, timings } of results) {
  console.log(outputs.language?.strings(), outputs.probability?.values(), `${timings.totalMs} ms`);
}
