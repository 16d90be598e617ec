import { amount, count, fields, listOf, oneOf, token } from "./fields.ts";
import type { Heartbeat } from "./messages.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";

const workerState = oneOf<Heartbeat["state"]>(["starting", "running", "draining"]);
const batchIds = listOf(token);
const costsMs = listOf(amount);

export function encodeHeartbeat({ worker, epoch, state, batchIds, costsMs }: Heartbeat): Uint8Array {
  return toMsgpack({ worker, epoch, state, batchIds, ...(costsMs === undefined ? {} : { costsMs }) });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link Heartbeat}. */
export function decodeHeartbeat(bytes: Uint8Array): Heartbeat {
  const message = fields(fromMsgpack(bytes), "heartbeat");
  const costs = message["costsMs"];
  return {
    worker: token(message["worker"], "worker"),
    epoch: count(message["epoch"], "epoch"),
    state: workerState(message["state"], "state"),
    batchIds: batchIds(message["batchIds"], "batchIds"),
    ...(costs === undefined ? {} : { costsMs: costsMs(costs, "costsMs") }),
  };
}
