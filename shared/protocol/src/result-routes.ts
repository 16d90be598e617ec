import type { Code } from "./code.ts";
import { cellAt, readColumn, type Cells } from "./columns.ts";
import { frameColumns } from "./frame-rows.ts";
import type { ResultPack } from "./messages.ts";
import { fromMsgpack } from "./msgpack.ts";
import { cutPack, readParts, type PackParts } from "./pack.ts";
import type { Accept } from "./request.ts";
import { readResultHead } from "./result-pack.ts";
import { createRowSelection } from "./row-selection.ts";

/** The frames of a pack that go to one caller in one form. */
export interface Route {
  readonly tenant: string;
  readonly reply: string;
  readonly accept: Accept;
  /** Numbers of their rows in the pack, growing. */
  readonly rows: readonly number[];
  /** A {@link ReplyPack} of them: the message itself, if all its rows go this way. */
  readonly payload: Uint8Array;
}

/**
 * A {@link ResultPack} of which only the fields were read and checked that say where its frames go. The others pass on as
 * they are; their reader checks them.
 */
export interface RoutedPack extends Omit<ResultPack, "frames"> {
  readonly frameCount: number;
  /** In the order of their first rows; one only when all frames are of one connection, as they mostly are. */
  readonly routes: readonly Route[];
  readonly id: Cells<string>;
  readonly final: Cells<boolean>;
  readonly code: Cells<Code>;
}

/**
 * Reads where the frames of a result pack go.
 * @throws {InferenceError} `invalidArgument` when a part, the length of a column or a field that is read is not what it must be.
 */
export function readRoutes(message: Uint8Array): RoutedPack {
  const parts = readParts(fromMsgpack(message));
  const { worker, packId, model, version } = readResultHead(parts.head);
  return {
    worker,
    packId,
    model,
    version,
    frameCount: parts.rowCount,
    routes: toRoutes(parts, message),
    id: readColumn("id", frameColumns.id, parts),
    final: readColumn("final", frameColumns.final, parts),
    code: readColumn("code", frameColumns.code, parts),
  };
}

interface RowGroup {
  readonly tenant: string;
  readonly reply: string;
  readonly accept: Accept;
  readonly rows: number[];
}

function toRoutes(parts: PackParts, message: Uint8Array): Route[] {
  const groups = groupRows(parts);
  const [first] = groups;
  if (first !== undefined && groups.length === 1) return [toRoute(first, message)];
  const selectRows = createRowSelection(cutPack(parts));
  return groups.map((group) => toRoute(group, selectRows(group.rows)));
}

function toRoute({ tenant, reply, accept, rows }: RowGroup, payload: Uint8Array): Route {
  return { tenant, reply, accept, rows, payload };
}

function groupRows(parts: PackParts): readonly RowGroup[] {
  const tenants = readColumn("tenant", frameColumns.tenant, parts);
  const replies = readColumn("reply", frameColumns.reply, parts);
  const accepts = readColumn("accept", frameColumns.accept, parts);
  const groups: RowGroup[] = [];
  const byReply = new Map<string, RowGroup[]>();
  let last: RowGroup | undefined;
  for (let row = 0; row < parts.rowCount; row++) {
    const tenant = cellAt(tenants, row);
    const reply = cellAt(replies, row);
    const accept = cellAt(accepts, row);
    const isHere = (group: RowGroup): boolean =>
      group.reply === reply && group.tenant === tenant && group.accept === accept;
    if (last === undefined || !isHere(last)) {
      last = byReply.get(reply)?.find(isHere);
    }
    if (last === undefined) {
      last = { tenant, reply, accept, rows: [] };
      groups.push(last);
      byReply.set(reply, [...(byReply.get(reply) ?? []), last]);
    }
    last.rows.push(row);
  }
  return groups;
}
