import type { GroupRecord, TenantRecord } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { tenantRefusal } from "./tenant-refusal.ts";
import { builtInRule, toGroupRule, toTenantRule, type Admission } from "./tenant-rule.ts";

const asked = { tenant: "acme", model: "echo" };

/** Why tenant `acme` of group `lab` may not call model `echo`. */
function refusalOf({ own = builtInRule.admission, group = builtInRule.admission }) {
  const { policy } = toTenantRule({ weight: 1, minShare: 0, group: "lab" });
  return tenantRefusal({ tenant: () => policy, admission: () => own, groupAdmission: () => group }, asked);
}

function ofTenant(fields: Partial<TenantRecord>): Admission {
  return toTenantRule({ weight: 1, minShare: 0, group: "lab", ...fields }).admission;
}

function ofGroup(fields: Partial<GroupRecord>): Admission {
  return toGroupRule({ weight: 1, ...fields }).admission;
}

describe("tenantRefusal()", () => {
  test.each([
    { what: "nothing is said", own: {}, group: {} },
    { what: "the tenant may call it", own: { models: ["echo", "other"] }, group: {} },
    { what: "the group may call it", own: {}, group: { models: ["echo"] } },
    { what: "both may call it", own: { models: ["echo", "other"] }, group: { models: ["third", "echo"] } },
  ])("is none where $what", ({ own, group }) => {
    expect(refusalOf({ own: ofTenant(own), group: ofGroup(group) })).toBeUndefined();
  });

  test("names the tenant that is not known", () => {
    expect(refusalOf({ own: { kind: "unknown" } })).toMatchObject({
      code: "permissionDenied",
      message: 'tenant "acme" is not known here',
    });
  });

  test("says whose record cannot be read", () => {
    const code = "permissionDenied";
    expect(refusalOf({ own: { kind: "unreadable" } })).toMatchObject({
      code,
      message: expect.stringMatching(/tenant "acme" may do.*cannot be read/),
    });
    expect(refusalOf({ group: { kind: "unreadable" } })).toMatchObject({
      code,
      message: expect.stringMatching(/group "lab" of tenant "acme" may do.*cannot be read/),
    });
  });

  test.each([
    { models: ["a", "b"], listed: "; allowed: a, b" },
    { models: [], listed: "; allowed: none" },
    { models: Array.from({ length: 22 }, (_, index) => `m${index}`), listed: "m18, m19 and 2 more" },
  ])("names the model and the allowed ones: $listed", ({ models, listed }) => {
    const refusal = refusalOf({ own: ofTenant({ models }) });
    expect(refusal?.code).toBe("permissionDenied");
    expect(refusal?.message).toContain('tenant "acme" may not call model "echo"');
    expect(refusal?.message.endsWith(listed)).toBe(true);
  });

  test("names the group that may not call what its tenant may", () => {
    const refusal = refusalOf({ own: ofTenant({ models: ["echo"] }), group: ofGroup({ models: ["other"] }) });
    expect(refusal).toMatchObject({
      code: "permissionDenied",
      message: 'group "lab" of tenant "acme" may not call model "echo"; allowed: other',
    });
  });
});
