/** How many resources are applied at once. Every namespace holds the same mix. */
export interface Case {
  readonly part: string;
  readonly namespaces: number;
  /** In each namespace; a client has one grant, the first ones have more where there are more grants than clients. */
  readonly apis: number;
  readonly clients: number;
  readonly grants: number;
  /** Added to each answer of the tenant, in milliseconds. */
  readonly latencyMs: number;
  /** Whether the same requests are sent by a bare process too. */
  readonly hasFloor: boolean;
}

const MIX = { apis: 10, clients: 90, grants: 100, latencyMs: 0, hasFloor: false };
const CLIENTS = { namespaces: 1, apis: 0, clients: 500, grants: 0, hasFloor: true };

/** In the order in which they run. */
export const CASES: readonly Case[] = [
  { part: "500", ...CLIENTS, latencyMs: 0 },
  { part: "500-latency", ...CLIENTS, latencyMs: 100 },
  { part: "1000", namespaces: 5, ...MIX },
  { part: "10000", namespaces: 50, ...MIX },
];

export const sizeOf = ({ namespaces, apis, clients, grants }: Case): number => namespaces * (apis + clients + grants);
