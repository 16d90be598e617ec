import * as fc from "fast-check";
import { expect, test } from "vitest";
import { admitted, requests } from "./arbitraries.ts";
import { admitRequest } from "./requests.ts";

test("admitRequest() keeps every field of the request but those the owner sets", () => {
  fc.assert(
    fc.property(requests, admitted, (sent, [other]) => {
      for (const request of sent) {
        const admission = {
          tenant: "acme",
          reply: "_INBOX.a",
          timeoutMs: other?.timeoutMs ?? 30_000,
          queuedMs: 7,
          items: 3,
          attempt: 2,
        };
        expect(admitRequest(request, admission)).toEqual({ ...request, ...admission });
      }
    }),
  );
});
