import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InferenceError } from "@sluice/protocol";
import { type Clock, linkSignals } from "@sluice/runtime";

/** How far a download is. */
export interface DownloadProgress {
  readonly url: string;
  readonly receivedBytes: number;
  /** `undefined` if the server does not say. */
  readonly totalBytes: number | undefined;
}

export interface DownloadOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** To the head of the answer: a network that is not there must not hold up what is tried next. */
const answerTimeoutMs = 5000;

/** For all of it: the archive of 7 MB at 40 kB/s. */
const totalTimeoutMs = 180_000;

/** More than any release has; bounds what a wrong address can write to the disk. */
const maxDownloadBytes = 64 * 1024 * 1024;

/**
 * Streams what is at `url` into a new file.
 * @returns its SHA-256 in lower-case hex
 * @throws {InferenceError} `unavailable` when it cannot be had in time; what is in the file then is to be thrown away.
 * The signal's reason when it aborts.
 */
export async function downloadFile(url: string, file: string, options: DownloadOptions): Promise<string> {
  const { clock, onProgress } = options;
  using link = linkSignals(options.signal);
  const { signal } = link;
  const abortAfter = (delayMs: number, missing: string): Disposable =>
    clock.schedule(delayMs, () => {
      link.abort(new InferenceError("unavailable", `${url}: ${missing} within ${delayMs} ms`));
    });
  using _total = abortAfter(totalTimeoutMs, "not complete");
  using answerTimer = abortAfter(answerTimeoutMs, "no answer");
  try {
    const response = await fetch(url, { signal });
    answerTimer[Symbol.dispose]();
    if (!response.ok || response.body === null) {
      throw new InferenceError("unavailable", `${url}: HTTP status ${response.status}`);
    }
    const totalBytes = Number(response.headers.get("content-length")) || undefined;
    const hash = createHash("sha256");
    let receivedBytes = 0;
    await pipeline(
      Readable.fromWeb(response.body),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          receivedBytes += chunk.byteLength;
          if (receivedBytes > maxDownloadBytes) {
            throw new InferenceError("unavailable", `${url}: more than ${maxDownloadBytes} bytes`);
          }
          hash.update(chunk);
          onProgress?.({ url, receivedBytes, totalBytes });
          yield chunk;
        }
      },
      createWriteStream(file),
      { signal },
    );
    return hash.digest("hex");
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw toDownloadError(url, error);
  }
}

/** fetch says "fetch failed" and keeps the reason (no such host, refused …) in the cause. */
function toDownloadError(url: string, thrown: unknown): InferenceError {
  if (thrown instanceof InferenceError) return thrown;
  const reason = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const text = reason instanceof Error ? reason.message : String(reason);
  return new InferenceError("unavailable", `${url}: ${text}`, { cause: thrown });
}
