import { describeRequestQueue } from "../contract.ts";
import { goesBefore } from "./lane-entries.ts";
import { createFairQueue } from "./fair-queue.ts";
const free = {
  tenant: () => ({ group: "", weight: 1, minShare: 0, maxInFlight: Infinity }),
  group: () => ({ weight: 1, maxInFlight: Infinity }),
};
describeRequestQueue("createFairQueue()", () => createFairQueue({ policies: free }), {
  laneOf: (entry) => entry.tenant,
  compare: (a, b) => (goesBefore(a, b) ? -1 : 1),
});
