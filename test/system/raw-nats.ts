import { once } from "node:events";
import { connect } from "node:net";

/**
 * Publishes `payload` with an inbox as its reply, over a bare socket, and returns every answer up to the first one that
 * `isLast` accepts. Payloads are one line of JSON, so a line that starts with `{` is one.
 */
export async function publishRaw(
  url: string,
  message: { readonly subject: string; readonly inbox: string; readonly payload: string },
  isLast: (answer: unknown) => boolean,
): Promise<readonly unknown[]> {
  const { subject, inbox, payload } = message;
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const lines = [
    'CONNECT {"verbose":false,"headers":true,"no_responders":true}',
    `SUB ${inbox} 1`,
    `PUB ${subject} ${inbox} ${Buffer.byteLength(payload)}`,
    payload,
  ];
  socket.write(lines.map((line) => `${line}\r\n`).join(""));
  const answers: unknown[] = [];
  let rest = "";
  for await (const chunk of socket.setEncoding("utf8")) {
    rest += String(chunk);
    const complete = rest.split("\r\n");
    rest = complete.pop() ?? "";
    for (const line of complete) {
      if (line.startsWith("NATS/1.0 503")) throw new Error(`nobody subscribes ${subject}`);
      if (line.startsWith("{")) answers.push(JSON.parse(line));
    }
    if (answers.some(isLast)) break;
  }
  socket.destroy();
  return answers;
}
