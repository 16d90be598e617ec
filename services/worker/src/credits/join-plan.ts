/**
 * Most open credits of a model that generates. Each brings one sequence, so as many can join at once as come at the same
 * time; those beyond wait for a round trip.
 */
const maxJoinCredits = 8;

/**
 * Decides which model sends one more credit for a sequence that joins: one with room for more than it has open credits.
 * @returns `undefined`: none.
 */
export function planJoin(
  rooms: ReadonlyMap<string, number>,
  open: readonly { readonly models: readonly string[] }[],
): string | undefined {
  for (const [model, room] of rooms) {
    const openCount = open.filter(({ models }) => models.includes(model)).length;
    if (openCount < Math.min(room, maxJoinCredits)) return model;
  }
  return undefined;
}
