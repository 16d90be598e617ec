import type { CliContext } from "../cli-context.ts";
import type { ConnectionWatch } from "./watch-connection.ts";

/** An answer that takes longer is worth a hint, in milliseconds. */
const hintAfterMs = 2_000;

/** Waits beside a call; disposed when it has ended. */
export interface WaitWatch extends Disposable {
  /** Notes the id under which the request was sent. */
  noteSent(requestId: string): void;
}

export interface WaitWatchOptions {
  readonly tenant: string;
  readonly connection: Pick<ConnectionWatch, "isLost">;
}

/** Tells people once, after two seconds without an answer, how to find out where their request stands, if they can. */
export function watchWait(
  { clock, note }: Pick<CliContext, "clock" | "note">,
  { tenant, connection }: WaitWatchOptions,
): WaitWatch {
  let sentId = "";
  const timer = clock.schedule(hintAfterMs, () => {
    if (sentId !== "" && !connection.isLost)
      note(`no answer yet; where it stands: npx sluice explain ${sentId} --tenant ${tenant}`);
  });
  return {
    noteSent: (requestId) => {
      sentId = requestId;
    },
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}
