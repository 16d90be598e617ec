import {
  cutBySize,
  encodeJsonFrame,
  encodeReplyPack,
  frameBytes,
  InferenceError,
  limitError,
  type Frame,
  type ReplyPack,
} from "@sluice/protocol";

/** Room for the header that names the content type: the server counts headers to the payload. */
const jsonHeaderBytes = 128;

/** One message to a caller. */
export interface ReplyPayload {
  readonly payload: Uint8Array;
  readonly isJson: boolean;
  readonly frames: readonly Frame[];
}

export interface ReplyPayloads {
  /** In the order of the frames. */
  readonly payloads: readonly ReplyPayload[];
  /** Frames that fit no message; the payloads have an error in their place. */
  readonly tooLarge: readonly Frame[];
}

/**
 * Makes the messages for frames of one reply subject that cannot go as they came: packs cut at `maxPayloadBytes`, one JSON document for every frame whose caller accepts
 * `json`. A frame too large for a message becomes the error `resourceExhausted`,
 * which ends its result.
 */
export function toReplyPayloads(group: ReplyPack, maxPayloadBytes: number): ReplyPayloads {
  const packed = group.frames.filter((frame) => frame.accept === "msgpack");
  const { packs, tooLarge } = cutBySize(packed, frameBytes, maxPayloadBytes);
  const refused = tooLarge.map((frame) =>
    withoutOutputs(frame, sizeError(frameBytes(frame), maxPayloadBytes)),
  );
  const refusals = cutBySize(refused, frameBytes, maxPayloadBytes).packs;
  const payloads = [...packs, ...refusals].map((frames) => ({
    payload: encodeReplyPack({ model: group.model, version: group.version, frames }),
    isJson: false,
    frames,
  }));
  if (packed.length === group.frames.length) return { payloads, tooLarge };

  const documents = toDocuments(group, maxPayloadBytes);
  return {
    payloads: [...payloads, ...documents.payloads],
    tooLarge: [...tooLarge, ...documents.tooLarge],
  };
}

function toDocuments(group: ReplyPack, maxPayloadBytes: number): ReplyPayloads {
  const payloads: ReplyPayload[] = [];
  const tooLarge: Frame[] = [];
  for (const frame of group.frames) {
    if (frame.accept !== "json") continue;
    const document = toDocument(group, frame);
    const maxBytes = maxPayloadBytes - jsonHeaderBytes;
    const bytes = document.payload.byteLength;
    if (bytes <= maxBytes) {
      payloads.push(document);
    } else {
      tooLarge.push(frame);
      payloads.push(toDocument(group, withoutOutputs(frame, sizeError(bytes, maxBytes))));
    }
  }
  return { payloads, tooLarge };
}

/** The frame as a JSON document; as an error document where its outputs have no form in JSON. */
function toDocument({ model, version }: ReplyPack, frame: Frame): ReplyPayload {
  try {
    return { payload: encodeJsonFrame({ model, version, frame }), isJson: true, frames: [frame] };
  } catch (error) {
    const refusal = withoutOutputs(frame, InferenceError.from(error));
    return { payload: encodeJsonFrame({ model, version, frame: refusal }), isJson: true, frames: [refusal] };
  }
}

function sizeError(bytes: number, maxPayloadBytes: number): InferenceError {
  return limitError(
    `the result takes ${bytes} bytes, more than a message of ${maxPayloadBytes}: ask for fewer or smaller outputs`,
    { limit: "maxPayloadBytes", value: maxPayloadBytes, actual: bytes },
  );
}

/** The final error frame in the place of `frame`. */
function withoutOutputs(frame: Frame, error: InferenceError): Frame {
  const { code, message, details = {} } = error;
  return { ...frame, final: true, code, message, details, outputs: [], body: [], parameters: {} };
}
