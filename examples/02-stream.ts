import { connect } from "@sluice/client";

await using client = await connect({
  servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222",
  tenant: "demo",
});

const frames = client.model("char-lm").stream({ text: ["If you "] }, { parameters: { max_tokens: 40 } });
for await (const { outputs, final, parameters } of frames) {
  process.stdout.write(outputs.text?.strings().join("") ?? "");
  if (final) console.log(`\nended: ${String(parameters.finish_reason)}`);
}
