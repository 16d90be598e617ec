import type { MemoryStream, StoredMessage } from "./memory-stream.ts";

const readPrefix = "$JS.API.STREAM.MSG.GET.";
const notFound = { error: { code: 404, err_code: 10037, description: "no message found" } };

/** Name of the stream that a request to JetStream's read interface means; `undefined` for any other subject. */
export function streamToRead(subject: string): string | undefined {
  return subject.startsWith(readPrefix) ? subject.slice(readPrefix.length) : undefined;
}

/** Answers the one read that Sluice makes: the last message of a subject. */
export function answerRead(stream: MemoryStream, payload: Uint8Array): unknown {
  const question: unknown = JSON.parse(new TextDecoder().decode(payload));
  if (typeof question !== "object" || question === null || !("last_by_subj" in question)) return notFound;
  const message = stream.last(String(question.last_by_subj));
  return message === undefined ? notFound : { message: toWire(message) };
}

function toWire({ subject, sequence, payload, headers }: StoredMessage): object {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return {
    subject,
    seq: sequence,
    data: Buffer.from(payload).toString("base64"),
    hdrs: Buffer.from(`NATS/1.0\r\n${lines.join("")}\r\n`).toString("base64"),
  };
}
