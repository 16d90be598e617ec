/**
 * The floor prototype's one message form, little-endian:
 * `u32 rowCount, u32 replyCount, u32 tag | u32 ids | u32 replyIndexes | u32 byteLengths | replies (u8 length + ASCII) | bodies`.
 * No validation: the floor shows what the hops cost, nothing else.
 */
export interface FloorRow {
  readonly id: number;
  readonly reply: string;
  readonly body: Uint8Array;
}

export interface FloorPack {
  readonly tag: number;
  readonly rows: FloorRow[];
}

const headerBytes = 12;

/** Writes rows into one message; each body is copied once. */
export function encodePack(rows: readonly FloorRow[], tag: number): Buffer {
  const replies = new Map<string, number>();
  let bytes = headerBytes + rows.length * 12;
  for (const row of rows) {
    bytes += row.body.byteLength;
    if (replies.has(row.reply)) continue;
    replies.set(row.reply, replies.size);
    bytes += 1 + row.reply.length;
  }
  const message = Buffer.allocUnsafeSlow(bytes);
  message.writeUInt32LE(rows.length, 0);
  message.writeUInt32LE(replies.size, 4);
  message.writeUInt32LE(tag, 8);
  let at = headerBytes;
  for (const row of rows) at = message.writeUInt32LE(row.id, at);
  for (const row of rows) at = message.writeUInt32LE(replies.get(row.reply) ?? 0, at);
  for (const row of rows) at = message.writeUInt32LE(row.body.byteLength, at);
  for (const reply of replies.keys()) {
    message[at] = reply.length;
    at += 1 + message.write(reply, at + 1, "latin1");
  }
  for (const row of rows) {
    message.set(row.body, at);
    at += row.body.byteLength;
  }
  return message;
}

/** Reads a message; every body is a view into it. */
export function decodePack(payload: Uint8Array): FloorPack {
  const message = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const rowCount = message.readUInt32LE(0);
  const replyCount = message.readUInt32LE(4);
  const idsAt = headerBytes;
  const replyIndexesAt = idsAt + rowCount * 4;
  const lengthsAt = replyIndexesAt + rowCount * 4;
  let at = lengthsAt + rowCount * 4;
  const replies: string[] = [];
  for (let index = 0; index < replyCount; index++) {
    const length = message[at] ?? 0;
    replies.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const rows: FloorRow[] = [];
  for (let index = 0; index < rowCount; index++) {
    const length = message.readUInt32LE(lengthsAt + index * 4);
    rows.push({
      id: message.readUInt32LE(idsAt + index * 4),
      reply: replies[message.readUInt32LE(replyIndexesAt + index * 4)] ?? "",
      body: message.subarray(at, at + length),
    });
    at += length;
  }
  return { tag: message.readUInt32LE(8), rows };
}
