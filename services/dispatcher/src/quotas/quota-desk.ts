import type { KeyValue, Message, Messaging, Subscription } from "@sluice/messaging";
import {
  decodeLeaseAsks,
  encodeLeases,
  payerKey,
  subjects,
  type Lease,
  type LeaseAsk,
  type LimitHolder,
  type Payer,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { createHomeAccount, type HomeAccount, type Moment, type Quota } from "@sluice/scheduling";
import type { Background } from "../background.ts";
import type { OnDispatcherEvent } from "../event.ts";
import type { TenantDirectory } from "../tenants/tenant-directory.ts";
import { quotaOf } from "../tenants/limited-by.ts";
import { createBudgetLedger, type BudgetLedger } from "./budget-ledger.ts";
import { createSpentPayers } from "./spent-payers.ts";

/** Keeps the accounts of the tenants and groups whose home this dispatcher is, and leases from them to every dispatcher, itself included. */
export interface QuotaDesk {
  /** Leases at once; takes whoever asks at its word that the home is here. */
  lease(ask: LeaseAsk): Lease;
  /** What was leased of tenants, or of groups, since this was asked last, in worker-milliseconds. */
  takeLeasedMs(of: LimitHolder): number;
  /** Answers what is asked on `quota.<dispatcher>`. */
  start(): void;
  /** Forgets accounts that nobody used for a while; called with every heartbeat. */
  tick(): void;
  /** Gives what is reserved back to the budgets. Never rejects. */
  leave(): Promise<void>;
}

export interface QuotaDeskOptions {
  readonly self: string;
  readonly policies: Pick<TenantDirectory, "admission" | "groupAdmission">;
  /** The bucket `sluice_budgets`. */
  readonly budgets: KeyValue;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly background: Background;
  readonly onEvent: OnDispatcherEvent;
  /** Whether this dispatcher is the home of a payer. */
  readonly isHome: (payer: Payer) => boolean;
}

/** An account is forgotten after so long without use, in milliseconds: long beside the pauses of a payer that works. */
const idleAccountMs = 10_000;

/** There is one for each payer with a quota that was leased to within {@link idleAccountMs}, or whose bucket is not full yet. */
interface OpenAccount {
  readonly payer: Payer;
  readonly account: HomeAccount;
  readonly ledger: BudgetLedger;
  usedAtMs: number;
}

export function createQuotaDesk(options: QuotaDeskOptions): QuotaDesk {
  const { self, policies, budgets, messaging, clock, background, onEvent, isHome } = options;
  const accounts = new Map<string, OpenAccount>();
  const spentPayers = createSpentPayers();
  const leasedMs: Record<LimitHolder, number> = { tenant: 0, group: 0 };
  let subscription: Subscription | undefined;

  const now = (): Moment => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() });

  const open = (payer: Payer): OpenAccount => {
    const key = payerKey(payer);
    let known = accounts.get(key);
    if (known === undefined) {
      const account = createHomeAccount({ hasCredit: !spentPayers.has(key, clock.nowMs()) });
      const reserve = account.budget;
      const ledger = createBudgetLedger({ payer, reserve, bucket: budgets, clock, background, onEvent });
      known = { payer, account, ledger, usedAtMs: 0 };
      accounts.set(key, known);
    }
    return known;
  };

  const lease = (ask: LeaseAsk): Lease => {
    const { of, name, wantMs } = ask;
    const payer = { of, name };
    const quota = quotaOf(policies, payer);
    // Whoever asks has not seen yet that nothing limits the payer any more.
    if (quota === undefined) return { ...payer, grantedMs: wantMs, shortOf: "none", waitMs: 0, spentMs: 0 };
    const used = open(payer);
    used.usedAtMs = clock.monotonicMs();
    const leased = used.account.lease(quota, ask, now());
    leasedMs[of] += leased.grantedMs;
    used.ledger.update(quota);
    return { ...payer, ...leased };
  };

  const onAsk = (message: Message): void => {
    let asks: readonly LeaseAsk[];
    try {
      asks = decodeLeaseAsks(message.payload);
    } catch (error) {
      onEvent({ type: "malformedMessage", subject: message.subject, error });
      return;
    }
    const leases = encodeLeases(asks.map(lease));
    if (message.reply !== "") messaging.publish(message.reply, leases);
  };

  /** A new account would lease of a spent budget on credit again, until it has read how much was spent. */
  const noteSpent = (key: string, { account: { budget } }: OpenAccount, quota: Quota): void => {
    const wallMs = clock.nowMs();
    if (!budget.isSpent(quota, wallMs)) return;
    spentPayers.add(key, wallMs + budget.shortage(quota, wallMs).waitMs, wallMs);
  };

  /** Whether something of the account would be lost, or missed soon. */
  const isOfUse = ({ account, usedAtMs }: OpenAccount, quota: Quota): boolean =>
    clock.monotonicMs() - usedAtMs < idleAccountMs || !account.isFull(quota, now());

  /** Forgets an account once its reserve is given back, unless it was used meanwhile. */
  const forget = async (key: string, opened: OpenAccount): Promise<void> => {
    await opened.ledger.close();
    const quota = quotaOf(policies, opened.payer);
    if (!opened.account.budget.isEmpty || accounts.get(key) !== opened) return;
    if (quota !== undefined && isOfUse(opened, quota)) return;
    accounts.delete(key);
    if (quota !== undefined) noteSpent(key, opened, quota);
  };

  /** Answers what is on its way: whoever asked would not know whether it was heard. */
  const unsubscribe = async (): Promise<void> => {
    try {
      if (messaging.isConnected) await subscription?.drain();
    } catch {
      // The connection was lost meanwhile, and with it what was on its way.
    }
    subscription?.unsubscribe();
  };

  return {
    lease,
    takeLeasedMs: (of) => {
      const takenMs = leasedMs[of];
      leasedMs[of] = 0;
      return takenMs;
    },
    start: () => {
      subscription = messaging.subscribe(subjects.quota(self), onAsk);
    },
    tick: () => {
      for (const [key, account] of accounts) {
        const quota = quotaOf(policies, account.payer);
        if (account.ledger.isBusy) continue;
        if (quota === undefined || !isOfUse(account, quota)) background.start(() => forget(key, account));
        // What another home may spend now is not kept from it; what the rate owes, or has left, is kept for a while.
        else if (!isHome(account.payer)) background.start(account.ledger.close);
        else account.ledger.update(quota);
      }
    },
    leave: async () => {
      await unsubscribe();
      await Promise.all([...accounts.values()].map(({ ledger }) => ledger.close()));
      accounts.clear();
    },
  };
}
