const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** Spreads every input bit over all 32 output bits. Source: the finalizer of MurmurHash3 (public domain, A. Appleby). */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return mixed >>> 0;
}

/** FNV-1a over the UTF-16 code units of `text`. Source: draft-eastlake-fnv. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), fnvPrime);
  }
  return value;
}

/** Weight of a candidate for a key: the same everywhere, and independent of the other candidates. */
function weight(keyHash: number, candidate: string): number {
  return mix(hash(candidate, mix(keyHash)));
}

/**
 * Picks which candidate a key belongs to, by highest random weight: everybody who knows the same candidates picks the
 * same one, and a candidate that comes or goes moves only the keys it gets or had.
 *
 * Source: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998.
 *
 * @returns `undefined` when there are no candidates. The order of the candidates does not matter.
 */
export function rendezvousWinner(key: string, candidates: Iterable<string>): string | undefined {
  const keyHash = hash(key, fnvOffset);
  let winner: string | undefined;
  let highest = -1;
  for (const candidate of candidates) {
    const candidateWeight = weight(keyHash, candidate);
    const isTie = candidateWeight === highest && winner !== undefined && candidate < winner;
    if (candidateWeight > highest || isTie) {
      winner = candidate;
      highest = candidateWeight;
    }
  }
  return winner;
}
