import { describe, expect, test } from "vitest";
import { pickExpelled } from "./pick-expelled.ts";

describe("pickExpelled()", () => {
  test("takes who has been parked the longest of the tenant with the most parked", () => {
    const parked = [
      { tenant: "few", parkedOrder: 1 },
      { tenant: "many", parkedOrder: 4 },
      { tenant: "many", parkedOrder: 2 },
    ];
    expect(pickExpelled(parked)).toBe(parked[2]);
  });

  test("takes who has been parked the longest of all where tenants have as many", () => {
    const parked = [
      { tenant: "a", parkedOrder: 7 },
      { tenant: "b", parkedOrder: 3 },
    ];
    expect(pickExpelled(parked)).toBe(parked[1]);
  });

  test("takes nobody where nobody is parked", () => {
    expect(pickExpelled([])).toBeUndefined();
  });
});
