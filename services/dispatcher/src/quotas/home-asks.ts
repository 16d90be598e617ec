import { maxLeasesPerMessage, payerKey, type Lease, type LeaseAsk } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { Background } from "../background.ts";
import type { AskOutcome, HomeLine } from "./home-line.ts";
import type { OpenWallet } from "./open-wallet.ts";

/** What is asked of homes on other dispatchers, and given back to them: one message at a time each, for many payers together. */
export interface HomeAsks {
  /** Asks the home of a wallet, soon, if that is still due then. */
  want(open: OpenWallet): void;
  /** Asks nothing for a wallet that is closed. */
  forget(open: OpenWallet): void;
  /** Whether something can be given back to this home now: it is not being asked. */
  isFree(home: string): boolean;
  /** Gives back what is in at most {@link maxLeasesPerMessage} wallets of one home. */
  giveBack(home: string, opens: readonly OpenWallet[]): void;
  /** Asks nothing more; resolves once it is known what became of what was asked. */
  end(): Promise<void>;
}

export interface HomeAsksOptions {
  readonly self: string;
  readonly line: HomeLine;
  readonly clock: Clock;
  readonly background: Background;
  /** Takes back what turns out, after its wallet went on without it, to belong there. */
  readonly putBack: (open: OpenWallet, amountMs: number) => void;
  /** Called when a home could not be reached: it may have left. */
  readonly onUnreached: () => void;
}

/** What the home of a wallet is told. */
interface Told {
  readonly open: OpenWallet;
  readonly ask: LeaseAsk;
}

export function createHomeAsks(options: HomeAsksOptions): HomeAsks {
  const { self, line, clock, background, putBack, onUnreached } = options;
  const due = new Set<OpenWallet>();
  const asking = new Set<Promise<void>>();
  let isFlushDue = false;
  let hasEnded = false;

  const start = (work: () => Promise<void>): void => {
    background.start(async () => {
      const promise = work();
      asking.add(promise);
      await promise.finally(() => asking.delete(promise));
    });
  };

  const putAllBack = (told: readonly Told[], outcome: AskOutcome): void => {
    for (const [index, each] of told.entries()) putBack(each.open, returnedMs(each, outcome, index));
  };

  const tell = (home: string, told: readonly Told[]): Promise<AskOutcome> =>
    line.ask(
      home,
      told.map(({ ask }) => ask),
      (outcome) => putAllBack(told, outcome),
    );

  const askFor = async (home: string, opens: readonly OpenWallet[]): Promise<void> => {
    const outcome = await tell(
      home,
      opens.map((open) => ({ open, ask: { ...open.payer, ...open.wallet.askChunk() } })),
    );
    const nowMs = clock.monotonicMs();
    for (const [index, open] of opens.entries()) {
      const lease = leaseOf(open, outcome, index);
      if (lease !== undefined) open.wallet.noteAnswer(lease, nowMs);
      else if (outcome.kind === "undelivered") open.wallet.noteUndelivered(nowMs);
      else open.wallet.noteSilence(nowMs);
    }
    if (outcome.kind === "undelivered") onUnreached();
    if (due.size > 0) soon();
  };

  /** Asks every home that is not being asked, for as many payers as a message holds; the others stay due. */
  const flush = (): void => {
    isFlushDue = false;
    if (hasEnded) return;
    const nowMs = clock.monotonicMs();
    const groups = new Map<string, OpenWallet[]>();
    for (const open of due) {
      const { home, wallet } = open;
      if (home === undefined || home === self || !wallet.isDue(nowMs)) {
        due.delete(open);
      } else if (!line.isBusy(home)) {
        const group = groups.get(home);
        if (group === undefined) groups.set(home, [open]);
        else if (group.length < maxLeasesPerMessage) group.push(open);
        else continue;
        due.delete(open);
      }
    }
    for (const [home, opens] of groups) start(() => askFor(home, opens));
  };

  const soon = (): void => {
    if (isFlushDue || hasEnded) return;
    isFlushDue = true;
    clock.afterRead(flush);
  };

  return {
    want: (open) => {
      due.add(open);
      soon();
    },
    forget: (open) => {
      due.delete(open);
    },
    isFree: (home) => !line.isBusy(home),
    giveBack: (home, opens) => {
      const told = opens.map((open) => ({
        open,
        ask: { ...open.payer, owedMs: open.wallet.empty(), wantMs: 0 },
      }));
      start(async () => putAllBack(told, await tell(home, told)));
    },
    end: async () => {
      hasEnded = true;
      due.clear();
      while (asking.size > 0) await Promise.all(asking);
    },
  };
}

/** The lease that answers for this wallet, if any does. */
function leaseOf({ key }: OpenWallet, outcome: AskOutcome, index: number): Lease | undefined {
  if (outcome.kind !== "leased") return undefined;
  const lease = outcome.leases[index];
  return lease !== undefined && payerKey(lease) === key ? lease : undefined;
}

/** What belongs to a wallet that took nothing of this into account: what was leased, and is owed no more, or was given back to nobody. */
function returnedMs({ open, ask }: Told, outcome: AskOutcome, index: number): number {
  if (outcome.kind === "undelivered") return Math.max(0, -ask.owedMs);
  const lease = leaseOf(open, outcome, index);
  return lease === undefined ? 0 : lease.grantedMs + Math.max(0, ask.owedMs);
}
