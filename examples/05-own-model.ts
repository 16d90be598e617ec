import { connect } from "@sluice/client";

await using client = await connect({
  servers: process.env.NATS_URL ?? "nats://127.0.0.1:4222",
  tenant: "demo",
});

const { outputs } = await client
  .model("half-plus-two")
  .infer({ x: { data: new Float32Array([2, 4, 6]), shape: [3, 1] } });
console.log(outputs.y?.shape, outputs.y?.values());
