import type { CliContext } from "../cli-context.ts";

/** An answer that takes longer is worth a hint, in milliseconds. */
const hintAfterMs = 2_000;

/** Waits beside a call; disposed when it has ended. */
export interface WaitWatch extends Disposable {
  /** Notes the id under which the request was sent. */
  noteSent(requestId: string): void;
}

/** Tells people once, after two seconds without an answer, how to find out where their request stands. */
export function watchWait({ clock, note }: Pick<CliContext, "clock" | "note">, tenant: string): WaitWatch {
  let sentId = "";
  const timer = clock.schedule(hintAfterMs, () => {
    if (sentId !== "")
      note(`no answer yet; where it stands: npx sluice explain ${sentId} --tenant ${tenant}`);
  });
  return {
    noteSent: (requestId) => {
      sentId = requestId;
    },
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}
