import { count, fields, listOf, oneOf, token } from "./fields.ts";
import type { Heartbeat } from "./messages.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";

const workerState = oneOf<Heartbeat["state"]>(["starting", "running", "draining"]);
const batchIds = listOf(token);

export function encodeHeartbeat({ worker, epoch, state, batchIds }: Heartbeat): Uint8Array {
  return toMsgpack({ worker, epoch, state, batchIds });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link Heartbeat}. */
export function decodeHeartbeat(bytes: Uint8Array): Heartbeat {
  const message = fields(fromMsgpack(bytes), "heartbeat");
  return {
    worker: token(message["worker"], "worker"),
    epoch: count(message["epoch"], "epoch"),
    state: workerState(message["state"], "state"),
    batchIds: batchIds(message["batchIds"], "batchIds"),
  };
}
