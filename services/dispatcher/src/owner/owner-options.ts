import type { KeyValue, Messaging } from "@sluice/messaging";
import type { Clock } from "@sluice/runtime";
import type { Background } from "../background.ts";
import type { OnDispatcherEvent } from "../event.ts";
import type { Wallets } from "../quotas/wallets.ts";
import type { OwnerSettings } from "../settings.ts";
import type { TenantDirectory } from "../tenants/tenant-directory.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";

/** What an owner works with, and what it is told. */
export interface OwnerOptions {
  readonly self: string;
  readonly roster: PoolRoster;
  /** Whether workers of another pool have the model. */
  readonly isServedElsewhere: (model: string) => boolean;
  /** The queue group to begin in, see {@link Owner.join}. */
  readonly queueGroup: string;
  readonly messaging: Messaging;
  /** The bucket `sluice_models`. */
  readonly models: KeyValue;
  /** What tenants may do, and their shares. */
  readonly policies: TenantDirectory;
  /** What requests of tenants with a quota are paid from. */
  readonly wallets: Wallets;
  readonly clock: Clock;
  readonly background: Background;
  readonly settings: OwnerSettings;
  readonly onEvent: OnDispatcherEvent;
  /** Until when everything was heard that was said, see `Membership`. */
  readonly heardUntilMs: () => number;
  /** Whether the lease can be relied on now. */
  readonly holdsLease: () => boolean;
  /** Something hints at a newer owner: the record should be read. */
  readonly onDoubt: () => void;
}
