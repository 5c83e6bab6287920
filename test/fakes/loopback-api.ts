import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

/** A server on this machine that stands in for an API server where a test must spoil its answers. */
export interface LoopbackApi {
  /** Path of a kubeconfig for it. */
  readonly kubeconfig: string;
  readonly requests: readonly { readonly method: string; readonly url: URL; readonly at: number }[];
  close(): Promise<void>;
}

export type Answer = (url: URL, request: IncomingMessage, response: ServerResponse) => void;

/** `user` is the user's part of the kubeconfig; by default nobody. */
export async function startLoopbackApi(answer: Answer, user: object = {}): Promise<LoopbackApi> {
  const requests: { method: string; url: URL; at: number }[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://loopback");
    requests.push({ method: request.method ?? "GET", url, at: performance.now() });
    answer(url, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const dir = mkdtempSync(join(tmpdir(), "loopback-api-"));
  const kubeconfig = join(dir, "kubeconfig");
  writeFileSync(
    kubeconfig,
    stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        { name: "loopback", cluster: { server: `http://127.0.0.1:${String(port)}`, "insecure-skip-tls-verify": true } },
      ],
      users: [{ name: "nobody", user }],
      contexts: [{ name: "loopback", context: { cluster: "loopback", user: "nobody" } }],
      "current-context": "loopback",
    }),
  );
  return {
    kubeconfig,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true });
    },
  };
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Begins an answer that promises more than comes, and cuts the connection. */
export function cutOff(response: ServerResponse, begin: string, status = 200): void {
  response.writeHead(status, { "content-type": "application/json", "content-length": "5000" });
  response.write(begin, () => response.socket?.destroy());
}
