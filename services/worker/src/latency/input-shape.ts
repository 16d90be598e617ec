import type { EngineSignature } from "@sluice/engine";
import { rowLength, type TensorLayout } from "@sluice/protocol";
import type { RunShape } from "@sluice/scheduling";

/** The shape of what an engine is given, padding included. */
export function inputShape(
  { inputs: specs, hasBatchAxis }: EngineSignature,
  inputs: readonly TensorLayout[],
): RunShape {
  const items = hasBatchAxis ? (inputs[0]?.shape[0] ?? 1) : 1;
  return { items: Math.max(1, items), length: Math.max(1, rowLength(specs, { inputs, hasBatchAxis })) };
}
