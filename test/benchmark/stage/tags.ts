/**
 * The first element of every row that is sent: by it the engine's own log tells whose row it ran, and the caller whether an
 * answer is its own.
 */
export interface Tags {
  /** A tag that no other row has. */
  next(tenant: string): number;
  /** @throws {Error} for a tag of nobody. */
  tenantOf(tag: number): string;
}

/** An FP64 holds the product of both exactly. */
const tagsPerTenant = 2 ** 32;

export function createTags(tenants: readonly string[]): Tags {
  const counts = new Map<string, number>();
  return {
    next(tenant) {
      const count = counts.get(tenant) ?? 0;
      counts.set(tenant, count + 1);
      return tenants.indexOf(tenant) * tagsPerTenant + count;
    },
    tenantOf(tag) {
      const tenant = tenants[Math.floor(tag / tagsPerTenant)];
      if (tenant === undefined) throw new Error(`tag ${tag} is of no tenant`);
      return tenant;
    },
  };
}
