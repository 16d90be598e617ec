import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServiceState } from "./lifecycle.ts";
import type { Metrics } from "./metrics.ts";

export interface StatusServerOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Address to bind, such as `127.0.0.1` or `0.0.0.0`. */
  readonly host: string;
  readonly state: () => ServiceState;
  readonly metrics: Pick<Metrics, "contentType" | "text">;
}

export interface StatusServer extends AsyncDisposable {
  /** The port it listens on. */
  readonly port: number;
}

/**
 * Serves what orchestrators and Prometheus ask for over HTTP: `/healthz` (200 unless failed), `/readyz` (200 only while
 * running, else 503), both with `{"state"}` as JSON, and `/metrics`. Resolves once it listens; disposal cuts open connections.
 */
export async function serveStatus(options: StatusServerOptions): Promise<StatusServer> {
  const server = createServer(statusListener(options));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: options.port, host: options.host }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: isAddressInfo(address) ? address.port : options.port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

function statusListener({ state, metrics }: StatusServerOptions): RequestListener {
  return (request, response) => {
    const answer = (status: number, contentType: string, body: string): void => {
      response.writeHead(status, { "content-type": contentType }).end(body);
    };
    const answerState = (isGood: boolean): void =>
      answer(isGood ? 200 : 503, "application/json", JSON.stringify({ state: state() }));

    if (request.method !== "GET" && request.method !== "HEAD") {
      answer(405, "text/plain", "only GET and HEAD are served\n");
      return;
    }
    const path = request.url?.split("?", 1)[0] ?? "";
    switch (path) {
      case "/healthz":
        answerState(state() !== "failed");
        break;
      case "/readyz":
        answerState(state() === "running");
        break;
      case "/metrics":
        metrics.text().then(
          (text) => answer(200, metrics.contentType, text),
          () => answer(500, "text/plain", "metrics could not be collected\n"),
        );
        break;
      default:
        answer(404, "text/plain", "try /healthz, /readyz or /metrics\n");
    }
  };
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
