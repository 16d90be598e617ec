/** Which work of a pool goes before which: all that waits of a higher class before what waits of a lower one. */
export type TenantClass = "urgent" | "normal" | "background";

/** From the highest to the lowest. */
export const tenantClasses: readonly TenantClass[] = Object.freeze(["urgent", "normal", "background"]);

/** The class of whoever is granted none. */
export const defaultTenantClass: TenantClass = "normal";
