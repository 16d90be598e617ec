import { connect } from "node:net";

/** One HTTP/1.1 connection that is kept alive, for one request at a time. */
export interface HttpSocket {
  isClosed(): boolean;
  /** Posts JSON and resolves with the text of a 200 answer; rejects on any other, and when the connection ends. */
  post(path: string, json: string): Promise<string>;
  close(): void;
}

interface OpenRequest {
  resolve(body: string): void;
  reject(error: Error): void;
}

const headEnd = "\r\n\r\n";
const statusOk = "200";
/** Where a status line has its code: behind `HTTP/1.1 `. */
const statusStart = 9;

/** Opens a connection that reads as little of an answer as it can: the status, `content-length`, which it must have, and the body. */
export function openHttpSocket(url: URL): HttpSocket {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  let open: OpenRequest | undefined;
  let received: Buffer | undefined;

  function take(): OpenRequest | undefined {
    const request = open;
    open = undefined;
    return request;
  }

  socket.on("data", (chunk) => {
    received = received === undefined ? chunk : Buffer.concat([received, chunk]);
    const answer = parseAnswer(received);
    if (answer === undefined) return;
    received = undefined;
    if (answer.status === statusOk) take()?.resolve(answer.body);
    else take()?.reject(new Error(`answered ${answer.status}: ${answer.body}`));
  });
  socket.on("error", (error) => take()?.reject(error));
  socket.on("close", () => take()?.reject(new Error("the connection was closed")));

  return {
    isClosed: () => socket.destroyed,
    post: (path, json) =>
      new Promise((resolve, reject) => {
        open = { resolve, reject };
        socket.write(
          `POST ${path} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n` +
            `content-length: ${Buffer.byteLength(json)}${headEnd}${json}`,
        );
      }),
    close() {
      socket.destroy();
    },
  };
}

/** `undefined` until all of an answer is there. */
function parseAnswer(bytes: Buffer): { readonly status: string; readonly body: string } | undefined {
  const headLength = bytes.indexOf(headEnd);
  if (headLength < 0) return undefined;
  const head = bytes.toString("latin1", 0, headLength);
  const bodyStart = headLength + headEnd.length;
  const bodyEnd = bodyStart + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
  if (bytes.length < bodyEnd) return undefined;
  return {
    status: head.slice(statusStart, statusStart + statusOk.length),
    body: bytes.toString("utf8", bodyStart, bodyEnd),
  };
}
