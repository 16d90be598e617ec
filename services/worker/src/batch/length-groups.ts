/** What {@link groupByLength} needs to know of a member. */
export interface Measured {
  /** Length of the longest row. */
  readonly length: number;
  readonly rows: readonly { readonly length: number }[];
}

export interface LengthGroupLimits {
  /** Most rows in one group. */
  readonly maxRows: number;
}

/** Padding may add this part to the elements of a group: beyond it, another run costs less than the padding. */
const maxPaddingRatio = 0.25;

/** Padding of up to this many elements is never worth a run of its own. */
const freePadding = 64;

/**
 * Cuts members into groups whose rows are padded to the group's longest row, so that padding stays bounded.
 * The shortest come first; members stay whole, and one too large for `maxRows` stands alone.
 *
 * Source: reference measurement, 32 texts of mixed length: one padded run 193 ms, four runs sorted by length 80 ms.
 */
export function groupByLength<M extends Measured>(
  members: readonly M[],
  { maxRows }: LengthGroupLimits,
): M[][] {
  const sorted = [...members].sort((a, b) => a.length - b.length);
  const groups: M[][] = [];
  let group: M[] = [];
  let rows = 0;
  let elements = 0;
  for (const member of sorted) {
    const memberElements = member.rows.reduce((total, row) => total + row.length, 0);
    const nextRows = rows + member.rows.length;
    const nextElements = elements + memberElements;
    const padding = nextRows * member.length - nextElements;
    const isTooMuch = padding > Math.max(freePadding, nextElements * maxPaddingRatio);
    if (group.length > 0 && (nextRows > maxRows || isTooMuch)) {
      groups.push(group);
      group = [];
      rows = 0;
      elements = 0;
    }
    group.push(member);
    rows += member.rows.length;
    elements += memberElements;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
