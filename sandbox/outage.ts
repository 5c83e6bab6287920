import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Whether anybody listens at all. */
export interface Outage {
  /** Ends every connection at once and refuses new ones for so many milliseconds. */
  readonly begin: (ms: number) => void;
  /** Resolves when somebody listens again. */
  over(): Promise<void>;
}

/** The server listens at the same address afterwards. An outage within an outage adds nothing. */
export function createOutage(server: Server): Outage {
  let current: Promise<void> | undefined;
  const away = async (ms: number): Promise<void> => {
    const { address, port } = server.address() as AddressInfo;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, ms));
    await new Promise<void>((resolve) => server.listen(port, address, resolve));
    current = undefined;
  };
  return {
    begin: (ms) => {
      current ??= away(ms);
    },
    over: () => current ?? Promise.resolve(),
  };
}
