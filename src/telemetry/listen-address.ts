import { isIP, isIPv6 } from "node:net";

export interface ListenAddress {
  /** `undefined`: every address of the host, of each family that it has. */
  readonly host: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
}

const SHAPE = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[A-Za-z0-9.-]*)):(?<port>\d{1,5})$/;
const LOOKS_LIKE_IPV4 = /^[\d.]+$/;
const MAX_PORT = 65_535;

/** Reads `host:port`, `[IPv6]:port` or `:port`; `undefined` for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const { ipv6, host = "", port = "" } = SHAPE.exec(text)?.groups ?? {};
  if (port === "" || Number(port) > MAX_PORT) return undefined;
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { host: ipv6, port: Number(port) } : undefined;
  if (LOOKS_LIKE_IPV4.test(host) && isIP(host) === 0) return undefined;
  return { host: host === "" ? undefined : host, port: Number(port) };
}

/** As it is written in a flag. */
export function textOfListenAddress({ host = "", port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${String(port)}`;
}
