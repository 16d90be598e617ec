import { connect } from "node:net";
import { createInterface } from "node:readline";

// No library at all: the protocol of NATS is lines of text. An answer is a line that starts with MSG, and then its payload.
const { hostname, port } = new URL(process.env.NATS_URL ?? "nats://127.0.0.1:4222");
const socket = connect(Number(port), hostname);

const question = '{"inputs":[{"name":"text","datatype":"BYTES","shape":[1],"data":["Wo ist der Bahnhof?"]}]}';
const subject = "sluice.v1.infer.language-id.demo";
const inbox = "_INBOX.raw-socket";
socket.write('CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n');
socket.write(`SUB ${inbox} 1\r\n`);
socket.write(`PUB ${subject} ${inbox} ${Buffer.byteLength(question)}\r\n${question}\r\n`);

for await (const line of createInterface({ input: socket })) {
  // The server refuses a login or a subject with -ERR, and says 503 where nobody serves the model.
  if (line.startsWith("-ERR") || line.startsWith("NATS/1.0 503")) {
    console.error(line);
    process.exitCode = 1;
    break;
  }
  if (!line.startsWith("{")) continue;
  console.log(line);
  break;
}
socket.end();
