import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** Whether anybody listens at all. */
export interface Outage {
  /** Ends every connection at once and refuses new ones for so many milliseconds. */
  readonly begin: (ms: number) => void;
  /** Resolves when somebody listens again. */
  over(): Promise<void>;
}

/** The server listens at the same address afterwards. An outage within an outage adds nothing. */
export function createOutage(server: Server): Outage {
  const end = createEnd(server);
  let current: Promise<void> | undefined;
  const away = async (ms: number): Promise<void> => {
    const at = server.address() as AddressInfo;
    await end();
    await delay(ms);
    await listenAgain(server, at);
    current = undefined;
  };
  return {
    begin: (ms) => {
      current ??= away(ms);
    },
    over: () => current ?? Promise.resolve(),
  };
}

/** Ends connections also before their handshake: one that slips through keeps the server from closing as long as it lives. */
function createEnd(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  let isEnding = false;
  server.on("connection", (socket: Socket) => {
    if (isEnding) socket.destroy();
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return async () => {
    isEnding = true;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    isEnding = false;
  };
}

/** Meanwhile, a connection of some other process may have the port for a moment. */
async function listenAgain(server: Server, { port, address }: AddressInfo): Promise<void> {
  for (;;) {
    const listening = once(server, "listening");
    server.listen(port, address);
    const isTaken = await listening.then(
      () => false,
      () => true,
    );
    if (!isTaken) return;
    await delay(20);
  }
}
