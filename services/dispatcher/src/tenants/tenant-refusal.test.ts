import { describe, expect, test } from "vitest";
import { tenantRefusal } from "./tenant-refusal.ts";

const admitted = { kind: "admitted", maxQueueSeconds: Infinity, quota: undefined } as const;
const asked = { tenant: "acme", model: "echo" };

describe("tenantRefusal()", () => {
  test.each([undefined, new Set(["echo", "other"])])("is none where the model is among %j", (models) => {
    expect(tenantRefusal({ ...admitted, models }, asked)).toBeUndefined();
  });

  test("names the tenant that is not known", () => {
    expect(tenantRefusal({ kind: "unknown" }, asked)).toMatchObject({
      code: "permissionDenied",
      message: 'tenant "acme" is not known here',
    });
  });

  test("says that a record cannot be read", () => {
    expect(tenantRefusal({ kind: "unreadable" }, asked)).toMatchObject({
      code: "permissionDenied",
      message: expect.stringMatching(/"acme".*cannot be read/),
    });
  });

  test.each([
    { models: ["a", "b"], listed: "; allowed: a, b" },
    { models: [], listed: "; allowed: none" },
    { models: Array.from({ length: 22 }, (_, index) => `m${index}`), listed: "m18, m19 and 2 more" },
  ])("names the model and the allowed ones: $listed", ({ models, listed }) => {
    const refusal = tenantRefusal({ ...admitted, models: new Set(models) }, asked);
    expect(refusal?.code).toBe("permissionDenied");
    expect(refusal?.message).toContain('tenant "acme" may not call model "echo"');
    expect(refusal?.message.endsWith(listed)).toBe(true);
  });
});
