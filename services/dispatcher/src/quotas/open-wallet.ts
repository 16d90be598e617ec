import type { Payer } from "@sluice/protocol";
import type { Wallet } from "@sluice/scheduling";

/** There is one for each payer with a quota that had a request within the last second, or whose home is short of something. */
export interface OpenWallet {
  readonly key: string;
  readonly payer: Payer;
  readonly wallet: Wallet;
  home: string | undefined;
  usedAtMs: number;
}
