import { checkRequest, decodeRequestPack, encodeRequestPack } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { aFrame, anAdmittedRequest, aRequest, aSignature } from "./builders.ts";

describe("builders", () => {
  test("aRequest() is a request that aSignature() takes", () => {
    expect(checkRequest(aSignature(), aRequest())).toMatchObject({ items: 1 });
    expect(decodeRequestPack(encodeRequestPack([aRequest()])).requests).toEqual([aRequest()]);
  });

  test("take the fields they are given", () => {
    expect(aRequest({ id: "r2" }).id).toBe("r2");
    expect(anAdmittedRequest({ tenant: "umbrella" })).toMatchObject({ tenant: "umbrella", id: "request-1" });
    expect(aFrame({ code: "internal", message: "broken" })).toMatchObject({ code: "internal", final: true });
    expect(aSignature({ maxBatchSize: 1 }).maxBatchSize).toBe(1);
  });
});
