import type { EngineTensor } from "../engine.ts";
import type { PastSpec } from "./decoder-spec.ts";

/** The past of some sequences as the model takes it: a row each, padded on the left to the longest. */
export interface Past {
  /** Tokens of each row; what is left of them is padding. */
  readonly lengths: readonly number[];
  /** Tokens along the past axis: of the longest row, or more where that one has left. */
  readonly paddedLength: number;
  /** In the order of the specs. */
  readonly tensors: readonly EngineTensor[];
}

/** What the model gave for the rows of `past` and `newCount` more tokens of each. */
export interface Present {
  readonly past: Past;
  readonly newCount: number;
  /** In the order of the specs. */
  readonly tensors: readonly EngineTensor[];
}

/**
 * Keeps the keys and values of sequences between steps. What a run gives back is kept as one block, as it is, and given to
 * the next run as it is when that has the same rows: then nothing is copied. When rows join or leave, their pasts are
 * copied once, into one new block. Padding is on the left: the model appends new tokens on the right, so that all rows
 * stay aligned.
 */
export interface PastStore {
  /** The past of these sequences; that of an unknown one is empty. */
  pastOf(sequences: readonly number[]): Past;
  /** Replaces the past of these sequences. */
  keep(sequences: readonly number[], present: Present): void;
  forget(sequences: Iterable<number>): void;
  /** Frees what was replaced or forgotten of blocks that others still use; to be called after each step. */
  trim(): void;
  /** Tokens held, with padding. */
  readonly paddedTokens: number;
}

/** The rows of one run. A row counts as long as its sequence has no newer block. */
interface Block extends Past {
  readonly rows: readonly number[];
}

/** A row of a block, to be copied from. */
interface RowSource {
  readonly block: Block;
  readonly row: number;
}

/** Creates a store of no sequences. */
export function createPastStore(specs: readonly PastSpec[]): PastStore {
  const blocks = new Map<number, Block>();

  const put = (rows: readonly number[], past: Past): void => {
    const block = { ...past, rows };
    for (const sequence of rows) blocks.set(sequence, block);
  };

  const gather = (sequences: readonly number[]): Past => {
    const sources = sequences.map((sequence) => sourceOf(blocks.get(sequence), sequence));
    const lengths = sources.map((source) => source?.block.lengths[source.row] ?? 0);
    const paddedLength = Math.max(0, ...lengths);
    const tensors = specs.map((spec, index) => gatherTensor(spec, { sources, lengths, paddedLength, index }));
    return { lengths, paddedLength, tensors };
  };

  return {
    pastOf: (sequences) => {
      const [first = -1] = sequences;
      const block = blocks.get(first);
      const isWhole =
        block?.rows.length === sequences.length &&
        sequences.every((sequence, row) => block.rows[row] === sequence && blocks.get(sequence) === block);
      return isWhole ? block : gather(sequences);
    },
    keep: (sequences, { past, newCount, tensors }) => {
      put(sequences, {
        lengths: past.lengths.map((length) => length + newCount),
        paddedLength: past.paddedLength + newCount,
        tensors,
      });
    },
    forget: (sequences) => {
      for (const sequence of sequences) blocks.delete(sequence);
    },
    trim: () => {
      for (const block of new Set(blocks.values())) {
        const staying = block.rows.filter((sequence) => blocks.get(sequence) === block);
        if (staying.length < block.rows.length) put(staying, gather(staying));
      }
    },
    get paddedTokens() {
      let tokens = 0;
      for (const { rows, paddedLength } of new Set(blocks.values())) tokens += rows.length * paddedLength;
      return tokens;
    },
  };
}

function sourceOf(block: Block | undefined, sequence: number): RowSource | undefined {
  return block === undefined ? undefined : { block, row: block.rows.indexOf(sequence) };
}

interface GatherOptions {
  readonly sources: readonly (RowSource | undefined)[];
  readonly lengths: readonly number[];
  readonly paddedLength: number;
  /** Which of the specs. */
  readonly index: number;
}

/** Copies the rows of one tensor together, aligned on the right, zeros before them. */
function gatherTensor(
  { name, datatype, heads, headBytes, width }: PastSpec,
  { sources, lengths, paddedLength, index }: GatherOptions,
): EngineTensor {
  const laneBytes = paddedLength * headBytes;
  const buffer = new ArrayBuffer(sources.length * heads * laneBytes);
  const target = new Uint8Array(buffer);
  for (const [row, source] of sources.entries()) {
    const tensor = source?.block.tensors[index];
    if (source === undefined || tensor === undefined) continue;
    const bytes = new Uint8Array(tensor.buffer);
    const sourceLaneBytes = source.block.paddedLength * headBytes;
    const rowBytes = (lengths[row] ?? 0) * headBytes;
    for (let head = 0; head < heads; head++) {
      const end = (source.row * heads + head + 1) * sourceLaneBytes;
      const targetEnd = (row * heads + head + 1) * laneBytes;
      target.set(bytes.subarray(end - rowBytes, end), targetEnd - rowBytes);
    }
  }
  return { name, datatype, shape: [sources.length, heads, paddedLength, width], buffer };
}
