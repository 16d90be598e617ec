import { InferenceError } from "./error.ts";

/** Deepest nesting of a message: a signature in a list in a map needs 8. */
const maxDepth = 12;

/**
 * Walks a msgpack value without building anything and checks that it is whole, fills `bytes`, is not nested too deeply and
 * has no extension types. The reader behind it can then neither be made to allocate for elements that are not there, nor to
 * build dates, errors, sets, patterns or record readers: only plain values are left.
 * @throws {InferenceError} `invalidArgument` when the value is anything else.
 */
export function checkPlainMsgpack(bytes: Uint8Array): void {
  const { byteLength } = bytes;
  const pending = new Uint32Array(maxDepth + 1);
  pending[0] = 1;
  let depth = 0;
  let position = 0;
  while (depth >= 0) {
    const left = pending[depth] ?? 0;
    if (left === 0) {
      depth--;
      continue;
    }
    pending[depth] = left - 1;
    const head = bytes[position];
    if (head === undefined) throw incomplete();
    position++;
    let children = 0;
    if (head < 0x80 || head >= 0xe0) continue;
    if (head < 0x90) children = (head & 0x0f) * 2;
    else if (head < 0xa0) children = head & 0x0f;
    else if (head < 0xc0) position += head & 0x1f;
    else {
      const form = forms[head - 0xc0] ?? 0;
      if (form === refused) throw unexpected(head);
      const size = form & sizeMask;
      if (position + size > byteLength) throw incomplete();
      if ((form & isValue) !== 0) position += size;
      else {
        const length = readLength(bytes, { position, size });
        position += size;
        if ((form & isBytes) !== 0) position += length;
        else children = (form & isMap) === 0 ? length : length * 2;
      }
    }
    if (position > byteLength || children > byteLength - position) throw incomplete();
    if (children > 0) {
      if (depth === maxDepth)
        throw new InferenceError("invalidArgument", `the message is nested deeper than ${maxDepth}`);
      depth++;
      pending[depth] = children;
    }
  }
  if (position !== byteLength) {
    throw new InferenceError(
      "invalidArgument",
      `the message ends after ${position} of its ${byteLength} bytes`,
    );
  }
}

const sizeMask = 0x0f;
/** The bytes after the head are the value itself. */
const isValue = 0x10;
/** They are the length of a string or a byte string. */
const isBytes = 0x20;
/** They are the number of entries of a map; with no mark they are the length of a list. */
const isMap = 0x40;
const refused = 0x80;

/** What follows each head byte from 0xc0 to 0xdf. Source: the msgpack specification, "Formats". */
const forms = Uint8Array.from(
  [
    [isValue, refused, isValue, isValue], // nil, never used, false, true
    [isBytes | 1, isBytes | 2, isBytes | 4], // bin
    [refused, refused, refused], // ext
    [isValue | 4, isValue | 8], // float
    [isValue | 1, isValue | 2, isValue | 4, isValue | 8], // uint
    [isValue | 1, isValue | 2, isValue | 4, isValue | 8], // int
    [refused, refused, refused, refused, refused], // fixext
    [isBytes | 1, isBytes | 2, isBytes | 4], // str
    [2, 4], // array
    [isMap | 2, isMap | 4], // map
  ].flat(),
);

function readLength(bytes: Uint8Array, { position, size }: { position: number; size: number }): number {
  let length = 0;
  for (let index = position; index < position + size; index++) length = length * 256 + (bytes[index] ?? 0);
  return length;
}

function incomplete(): InferenceError {
  return new InferenceError("invalidArgument", "the message is cut off");
}

function unexpected(head: number): InferenceError {
  return new InferenceError(
    "invalidArgument",
    `the message holds 0x${head.toString(16)}, which is no plain msgpack value`,
  );
}
