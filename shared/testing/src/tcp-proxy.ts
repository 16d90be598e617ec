import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Stands between clients and a server, and fails as a network does. Disposal ends it and every connection through it. */
export interface TcpProxy extends AsyncDisposable {
  /** Of the server, as one reaches it through this proxy. */
  readonly url: string;
  /** Resets every connection on both sides; what was on its way is lost. Who connects again gets through. */
  cut(): void;
  /** Lets no byte pass from now on, and no end of a connection: neither side is told. Who connects meanwhile waits, too. */
  stall(): void;
  /** Ends {@link stall}: what waited passes in its order. */
  resume(): void;
  /** Resets every connection on the side of its client only: the server goes on to send to it, as to a host that is gone. */
  forget(): void;
}

/** Both ends of one connection through the proxy. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

/** Starts a proxy on a free port of this machine. The server need not run yet, nor all the time: it is asked with every connection. */
export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const { protocol, hostname, port } = new URL(serverUrl);
  const links = new Set<Link>();
  /** The server's ends of connections that were forgotten. */
  const forgotten = new Set<Socket>();
  let isStalled = false;

  /** Whatever ends one side ends the other. */
  const passEnds = (link: Link): void => {
    if (isStalled) return;
    const { client, server } = link;
    if (client.readableEnded) server.end();
    if (server.readableEnded) client.end();
    if (client.destroyed) server.destroySoon();
    if (server.destroyed) client.destroySoon();
    if (client.destroyed && server.destroyed) links.delete(link);
  };

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const link = { client, server };
    links.add(link);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay();
      from.on("data", (bytes: Buffer) => {
        if (!to.write(bytes)) from.pause();
      });
      to.on("drain", () => {
        if (!isStalled) from.resume();
      });
      // Its close follows, and the other side need not know the reason.
      from.on("error", () => undefined);
      from.on("end", () => passEnds(link));
      from.on("close", () => passEnds(link));
      if (isStalled) from.pause();
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");

  return {
    url: `${protocol}//127.0.0.1:${address.port}`,
    cut() {
      for (const { client, server } of links) {
        client.resetAndDestroy();
        server.resetAndDestroy();
      }
      links.clear();
    },
    stall() {
      isStalled = true;
      for (const { client, server } of links) {
        client.pause();
        server.pause();
      }
    },
    resume() {
      isStalled = false;
      for (const link of links) {
        passEnds(link);
        // Where one side does not take what it was sent, its "drain" lets the other go on.
        if (!link.server.writableNeedDrain) link.client.resume();
        if (!link.client.writableNeedDrain) link.server.resume();
      }
    },
    forget() {
      for (const { client, server } of links) {
        server.removeAllListeners("data").pause();
        forgotten.add(server);
        server.once("close", () => forgotten.delete(server));
        client.removeAllListeners("close");
        client.resetAndDestroy();
      }
      links.clear();
    },
    async [Symbol.asyncDispose]() {
      const closed = once(listener, "close");
      listener.close();
      for (const { client, server } of links) {
        client.destroy();
        server.destroy();
      }
      for (const server of forgotten) server.destroy();
      await closed;
    },
  };
}
