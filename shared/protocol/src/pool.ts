import { parseJson, toJson } from "./json.ts";
import { count, fields, listOf, oneOf, text, token } from "./fields.ts";
import type { PoolEvent, PoolModel, PoolRecord } from "./messages.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";

const poolState = oneOf<PoolRecord["state"]>(["owned", "taken", "handedOver", "released"]);
export const poolModels = listOf(readModel);

export function encodePoolEvent({ pool, epoch, owner, state, models }: PoolEvent): Uint8Array {
  return toMsgpack({ pool, epoch, owner, state, models });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link PoolEvent}. */
export function decodePoolEvent(bytes: Uint8Array): PoolEvent {
  const event = fields(fromMsgpack(bytes), "pool event");
  return {
    pool: token(event["pool"], "pool"),
    epoch: count(event["epoch"], "epoch"),
    owner: token(event["owner"], "owner"),
    state: poolState(event["state"], "state"),
    models: poolModels(event["models"], "models"),
  };
}

function readModel(value: unknown, name: string): PoolModel {
  const model = fields(value, name);
  return {
    name: token(model["name"], "name"),
    version: text(model["version"], "version"),
    workerCount: count(model["workerCount"], "workerCount"),
  };
}

/** Writes the record as JSON, so that people can read the bucket. */
export function encodePoolRecord({ owner, epoch, state }: PoolRecord): Uint8Array {
  return toJson({ owner, epoch, state });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link PoolRecord}. */
export function decodePoolRecord(bytes: Uint8Array): PoolRecord {
  const record = fields(parseJson(bytes), "pool record");
  return {
    owner: token(record["owner"], "owner"),
    epoch: count(record["epoch"], "epoch"),
    state: poolState(record["state"], "state"),
  };
}
