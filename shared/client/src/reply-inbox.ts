import type { Message, Subscription } from "@sluice/messaging";
import { decodeReplyPack, type Frame, type ReplyPack } from "@sluice/protocol";
import { alignedPayload } from "./aligned-payload.ts";
import type { CallTable } from "./call-table.ts";
import type { OpenCall } from "./open-call.ts";
import type { FrameOrigin } from "./result.ts";
import type { Session } from "./session.ts";

export interface ReplyInboxOptions {
  readonly model: string;
  readonly replySubject: string;
  readonly session: Session;
  /** The open calls of the model. */
  readonly calls: CallTable;
  /** Takes a frame of an open call. */
  readonly onFrame: (call: OpenCall, frame: Frame, origin: FrameOrigin) => void;
  /** Told that the server could deliver a pack to nobody; it does not say which. */
  readonly onNoResponders: () => void;
}

/** Reads what comes for the calls of one model, on the reply subject that they share. */
export class ReplyInbox {
  readonly #options: ReplyInboxOptions;
  readonly #subscription: Subscription;

  constructor(options: ReplyInboxOptions) {
    this.#options = options;
    const { session, replySubject } = options;
    this.#subscription = session.messaging.subscribe(replySubject, (message) => this.#read(message));
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  #read(message: Message): void {
    const { model, session, calls, onFrame, onNoResponders } = this.#options;
    if (message.isNoResponders) {
      onNoResponders();
      return;
    }
    let pack: ReplyPack;
    try {
      pack = decodeReplyPack(alignedPayload(message.payload));
    } catch (err) {
      session.options.onEvent({ type: "messageIgnored", subject: message.subject, err });
      return;
    }
    const origin = { model, version: pack.version, receivedMs: session.nowMs() };
    for (const frame of pack.frames) {
      const call = calls.get(frame.id);
      if (call === undefined) {
        session.options.onEvent({ type: "frameIgnored", model, id: frame.id, reason: "ended" });
      } else {
        onFrame(call, frame, origin);
      }
    }
  }
}
