/** What counts when one has to go. */
export interface Parked {
  readonly tenant: string;
  /** Grows with every parking. */
  readonly parkedOrder: number;
}

/**
 * Whose place another gets: of the tenant with the most parked, the one that has been parked the longest. So who leaves its
 * streams unread loses them to others, and nobody else's.
 * @returns `undefined` where nobody is parked.
 */
export function pickExpelled<Member extends Parked>(parked: readonly Member[]): Member | undefined {
  const counts = new Map<string, number>();
  for (const { tenant } of parked) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const candidates = parked.filter(({ tenant }) => counts.get(tenant) === most);
  return candidates.toSorted((a, b) => a.parkedOrder - b.parkedOrder)[0];
}
