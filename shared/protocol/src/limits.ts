/** Longest token of a subject, and so longest id of a request and name of a model, tenant, pool, worker or connection. */
export const maxIdLength = 64;
/** Longest subject, in characters: what the longest of ours needs, with room for a caller's inbox prefix. */
export const maxSubjectLength = 256;

/** Most rows of one pack that a reader takes. Bounds what it allocates, and how long it is away for one message: 0.26 to 1.2 s were measured. */
export const maxPackRows = 65_536;
/** Most rows that a writer puts into one pack: whoever reads it does so in one go, for which 20 to 160 ms were measured. */
export const fullPackRows = 4_096;
/** Most tensors of one request or frame. */
export const maxTensors = 256;
/** Most axes of one tensor. */
export const maxRank = 32;
/** Most entries of a request's or frame's `parameters`. */
export const maxParameters = 64;
/** Most entries of a request's `metadata`. */
export const maxMetadataEntries = 16;
/** Largest `priority`; the smallest is its negative. */
export const maxPriority = 100;
/** Smallest and largest weight of a tenant or a group: a million to one, and cost divided by a weight stays exact in a double. */
export const minWeight = 0.001;
export const maxWeight = 1_000;
/** Most tenants that an owner lists one by one when it is asked about its pool. */
export const maxInspectedTenants = 100;
/** Most workers that an owner lists when it is asked about a model. */
export const maxInspectedWorkers = 100;
/** Most requests of one id that an owner lists when it is asked for it: ids are unique for a caller only. */
export const maxInspectedRequests = 16;
/** Most models that a tenant's record may name. */
export const maxAllowedModels = 1_024;
/** Most tenants in one message of leases: with names of 64 bytes it takes about 50 kB. */
export const maxLeasesPerMessage = 256;
/** A record of budgets that was not written for so long is of a month that is over, in milliseconds: 32 days. */
export const budgetRecordMaxAgeMs = 32 * 86_400_000;
/** Room kept in a packed message for everything that is not a row: the head, field names, array and map headers. */
export const packHeadBytes = 1024;

/** How many frames of a stream its reader allows to be on their way before it says more. */
export const windowFrames = 64;
/** How long a stream may wait for window before it ends with `resourceExhausted`, in milliseconds. */
export const parkedStreamMs = 30_000;

/** What a caller that gives no timeout gets, in milliseconds. */
export const defaultTimeoutMs = 30_000;
/** How often a request is given to a worker before it is answered `internal`. */
export const maxAttempts = 3;

/** Time between two heartbeats, in milliseconds. */
export const heartbeatIntervalMs = 500;
/** Silence after which a worker or a dispatcher counts as lost, in milliseconds: four heartbeats. */
export const silenceMs = 2000;
/** A batch that no heartbeat lists this long after it was sent counts as lost, in milliseconds. */
export const batchSilenceMs = 1000;
/** Time between two `event.pool` messages without a change, in milliseconds. */
export const poolEventIntervalMs = 1000;
/** After a takeover nothing is refused for want of a worker and no batch is sent for this long, in milliseconds. */
export const takeoverQuietMs = 300;

/** Time after which an unanswered credit is sent again, in milliseconds. */
export const creditRepeatMs = 2000;
/** Time after which an unacknowledged result pack is sent again, in milliseconds. */
export const resultsAckTimeoutMs = 250;
/** Time after which an unanswered hand-over message is given up, in milliseconds. */
export const handoverTimeoutMs = 1000;
/** Time after which a question to the owner of a pool is given up, in milliseconds. */
export const inspectTimeoutMs = 1000;
/** Time after which an unanswered question for leases is given up, in milliseconds: the answer waits for nothing. */
export const leaseTimeoutMs = 250;
