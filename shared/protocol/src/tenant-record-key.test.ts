import { describe, expect, test } from "vitest";
import { InferenceError } from "./error.ts";
import { parseTenantKey, tenantKeys } from "./tenant-record-key.ts";

describe("keys of tenant records", () => {
  test("say whose record it is", () => {
    expect(parseTenantKey(tenantKeys.tenant("acme"))).toEqual({ kind: "tenant", name: "acme" });
    expect(parseTenantKey(tenantKeys.group("lab"))).toEqual({ kind: "group", name: "lab" });
    expect(parseTenantKey(tenantKeys.defaultClass())).toEqual({ kind: "defaultClass" });
  });

  test("keep apart a tenant, a group and the default class, whatever their names", () => {
    const keys = [tenantKeys.tenant("default"), tenantKeys.group("default"), tenantKeys.defaultClass()];
    expect(new Set(keys).size).toBe(keys.length);
    expect(parseTenantKey(tenantKeys.tenant("default"))).toEqual({ kind: "tenant", name: "default" });
  });

  test.each(["a.b", "", "a b", "*"])("are not made of %j", (name) => {
    expect(() => tenantKeys.tenant(name)).toThrow(InferenceError);
    expect(() => tenantKeys.group(name)).toThrow(InferenceError);
  });

  test.each(["", "tenant", "tenant.", "tenant.a.b", "key.a", "default.a", "tenant.a=b"])(
    "of others are left alone: %j",
    (key) => {
      expect(parseTenantKey(key)).toBeUndefined();
    },
  );
});
