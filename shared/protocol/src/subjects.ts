import { InferenceError } from "./error.ts";
import { describe, isPublishSubject } from "./fields.ts";
import { isToken } from "./token.ts";

const prefix = "sluice.v1.";
const replyPrefix = `${prefix}reply.`;
const inboxPrefix = "_INBOX.";
const resultsSubject = `${prefix}results`;

/** Queue groups: of several subscribers of a subject in one group, one gets a message. */
export const queueGroups = { owner: "owner", results: "results" } as const;

/**
 * The queue group of an owner that got its pool in `epoch`, and of those it is handed on to. Not one for all owners: a server
 * takes one whose process stands still, or whose host is gone, for a member until its connection ends, and gives it its part.
 */
export function ownerGroup(epoch: number): string {
  return `${queueGroups.owner}-${epoch}`;
}

/** Names of the JetStream key-value buckets. */
export const buckets = {
  pools: "sluice_pools",
  dispatchers: "sluice_dispatchers",
  models: "sluice_models",
  tenants: "sluice_tenants",
  budgets: "sluice_budgets",
} as const;

/**
 * Builds every subject of the protocol. `…All` are wildcards to subscribe.
 * @throws {InferenceError} `invalidArgument` when a part is not a token, so that nothing foreign gets into a subject.
 */
export const subjects = {
  infer: (model: string, tenant: string) => join("infer", model, tenant),
  inferAll: (model: string) => `${join("infer", model)}.*`,
  cancel: (model: string, tenant: string) => join("cancel", model, tenant),
  cancelAll: (model: string) => `${join("cancel", model)}.*`,
  credit: (pool: string) => join("credit", pool),
  work: (model: string, worker: string) => join("work", model, worker),
  workAll: (worker: string) => join("work.*", worker),
  heartbeat: (pool: string, worker: string) => join("heartbeat", pool, worker),
  heartbeatAll: () => `${prefix}heartbeat.*.*`,
  profile: (pool: string, worker: string) => join("profile", pool, worker),
  profileAll: () => `${prefix}profile.*.*`,
  results: () => resultsSubject,
  resultsInstance: (instance: string) => join("results", instance),
  reply: (tenant: string, connection: string) => join("reply", tenant, connection),
  handover: (pool: string) => join("handover", pool),
  handoverAll: () => `${prefix}handover.*`,
  inspect: (pool: string) => join("inspect", pool),
  quota: (dispatcher: string) => join("quota", dispatcher),
  poolEvent: (pool: string) => join("event.pool", pool),
  poolEventAll: () => `${prefix}event.pool.*`,
} as const;

function join(kind: string, ...tokens: readonly string[]): string {
  for (const token of tokens) {
    if (isToken(token)) continue;
    throw new InferenceError(
      "invalidArgument",
      `${describe(token)} cannot be part of a subject, expected 1 to 64 of A-Z a-z 0-9 _ -`,
    );
  }
  return `${prefix}${kind}.${tokens.join(".")}`;
}

/** What a subject says. */
export type ParsedSubject =
  | { readonly kind: "infer" | "cancel"; readonly model: string; readonly tenant: string }
  | { readonly kind: "work"; readonly model: string; readonly worker: string }
  | { readonly kind: "heartbeat" | "profile"; readonly pool: string; readonly worker: string }
  | { readonly kind: "credit" | "handover" | "inspect" | "poolEvent"; readonly pool: string }
  | { readonly kind: "quota"; readonly dispatcher: string }
  | { readonly kind: "results" }
  | { readonly kind: "resultsInstance"; readonly instance: string }
  | { readonly kind: "reply"; readonly tenant: string; readonly connection: string };

/** Takes a subject apart; `undefined` for whatever {@link subjects} cannot have built, wildcards included. */
export function parseSubject(subject: string): ParsedSubject | undefined {
  if (!subject.startsWith(prefix)) return undefined;
  // Cut at its dots: there is one for each message, and a split makes a list of it first.
  const kindEnd = subject.indexOf(".", prefix.length);
  if (kindEnd === -1) return subject === resultsSubject ? { kind: "results" } : undefined;
  const kind = subject.slice(prefix.length, kindEnd);
  const firstEnd = subject.indexOf(".", kindEnd + 1);
  const first = subject.slice(kindEnd + 1, firstEnd === -1 ? undefined : firstEnd);
  if (!isToken(first)) return undefined;
  if (firstEnd === -1) return parseOne(kind, first);
  const second = subject.slice(firstEnd + 1);
  return isToken(second) ? parseTwo(kind, { first, second }) : undefined;
}

function parseOne(kind: string, token: string): ParsedSubject | undefined {
  switch (kind) {
    case "credit":
    case "handover":
    case "inspect":
      return { kind, pool: token };
    case "quota":
      return { kind, dispatcher: token };
    case "results":
      return { kind: "resultsInstance", instance: token };
    default:
      return undefined;
  }
}

function parseTwo(
  kind: string,
  { first, second }: { first: string; second: string },
): ParsedSubject | undefined {
  switch (kind) {
    case "infer":
    case "cancel":
      return { kind, model: first, tenant: second };
    case "work":
      return { kind, model: first, worker: second };
    case "heartbeat":
    case "profile":
      return { kind, pool: first, worker: second };
    case "reply":
      return { kind, tenant: first, connection: second };
    case "event":
      return first === "pool" ? { kind: "poolEvent", pool: second } : undefined;
    default:
      return undefined;
  }
}

/**
 * Tells whether an answer for `tenant` may go to `reply`: below `sluice.v1.reply.<tenant>.`, or an inbox (`_INBOX.…`).
 * The server does not check where a reply subject points, so without this a caller could name anybody's.
 */
export function checkReplySubject(reply: string, tenant: string): boolean {
  if (!isToken(tenant) || !isPublishSubject(reply)) return false;
  if (reply.startsWith(inboxPrefix)) return true;
  // Compared in parts: a string put together for it would be one for each message.
  const tenantEnd = replyPrefix.length + tenant.length;
  return (
    reply.startsWith(replyPrefix) && reply.startsWith(tenant, replyPrefix.length) && reply[tenantEnd] === "."
  );
}

/** Tells whether a reply subject is an inbox of NATS, where everybody may be answered, whoever the request's tenant is. */
export function isInbox(reply: string): boolean {
  return reply.startsWith(inboxPrefix) && isPublishSubject(reply);
}
