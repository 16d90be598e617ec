import type { Messaging } from "@sluice/messaging";
import type { CompiledOptions } from "./client-options.ts";
import type { PoolDirectory } from "./pool-directory.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** What the channels of one client share. */
export interface Session {
  readonly messaging: Messaging;
  readonly options: CompiledOptions;
  readonly pools: PoolDirectory;
  readonly retryBudget: RetryBudget;
  /** Since when announcements of pools could be heard without a gap, on the monotonic clock. */
  readonly listeningSinceMs: number;
  nowMs(): number;
  /** Has {@link Flushable.flush} called once what is being read was dispatched. */
  scheduleFlush(channel: Flushable): void;
  /** Has the deadlines checked at `dueMs` at the latest. */
  checkBy(dueMs: number): void;
  callBegan(): void;
  /** A call has its outcome. */
  callEnded(): void;
}

/** Whatever collects messages of one tick. */
export interface Flushable {
  flush(): void;
}
