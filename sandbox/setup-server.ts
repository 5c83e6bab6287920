import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Workloads } from "./workload/create.ts";

export interface SetupServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Plain HTTP for anyone who cannot read the sandbox's files, such as a test beside a container: `/healthz`, `/ca.pem`,
 * `/auth0.json` and `/okta.json`.
 */
export async function serveSetup(
  { listen, port }: { readonly listen: string; readonly port: number },
  caPem: string,
  workloads: Workloads | undefined,
): Promise<SetupServer> {
  const answers: Readonly<Record<string, readonly [type: string, text: string]>> = {
    "/healthz": ["text/plain", "ok\n"],
    "/ca.pem": ["application/x-pem-file", caPem],
    ...(workloads === undefined
      ? {}
      : {
          "/auth0.json": ["application/json", JSON.stringify(workloads.auth0)],
          "/okta.json": ["application/json", JSON.stringify(workloads.okta)],
        }),
  };
  const server = createServer(({ url = "" }, response) => {
    const [type, text] = Object.hasOwn(answers, url) ? (answers[url] ?? []) : [];
    response.writeHead(text === undefined ? 404 : 200, { "content-type": type ?? "text/plain" });
    response.end(text ?? "not found\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, listen, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
