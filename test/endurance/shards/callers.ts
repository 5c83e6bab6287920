import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A proxy that one process has for itself, so that whatever it sends is known by the connection that it comes over. */
export interface CallerProxy {
  /** For `--https-proxy`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Tells processes apart by the ports from which their proxies reach the tenants. */
export interface Callers {
  /** `who`: the process that uses the proxy now. */
  proxy(who: () => string): Promise<CallerProxy>;
  /** Whose connection to the tenant at `tenantPort` comes from this port now. */
  whoHas(tenantPort: number, port: number): string | undefined;
}

export function createCallers(): Callers {
  // One port may have a connection to each tenant at a time.
  const byPorts = new Map<string, string>();
  const keyOf = (tenantPort: number, port: number): string => `${String(tenantPort)} ${String(port)}`;
  return {
    whoHas: (tenantPort, port) => byPorts.get(keyOf(tenantPort, port)),
    proxy: async (who) => {
      const sockets = new Set<Socket>();
      const server = createServer();
      const keep = (socket: Socket): void => {
        sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => sockets.delete(socket));
      };
      server.on("connect", (request: IncomingMessage, client: Socket) => {
        const port = Number(/:(\d+)$/.exec(request.url ?? "")?.[1]);
        const caller = who();
        const tenant = connect(port, "127.0.0.1", () => {
          if (tenant.localPort !== undefined) byPorts.set(keyOf(port, tenant.localPort), caller);
          client.write("HTTP/1.1 200 Connection established\r\n\r\n");
          client.pipe(tenant).pipe(client);
        });
        keep(client);
        keep(tenant);
        client.on("close", () => tenant.destroy());
        tenant.on("close", () => client.destroy());
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return {
        url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
        close: async () => {
          for (const socket of sockets) socket.destroy();
          await new Promise((resolve) => server.close(resolve));
        },
      };
    },
  };
}
