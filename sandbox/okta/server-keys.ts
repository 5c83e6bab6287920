import { makeSigningKey, type SigningKey } from "../signing-key.ts";
import { invalid, notFound } from "./errors.ts";
import { linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import { pathIdOf } from "./servers.ts";
import { type Server, timeOf } from "./state.ts";

export function shownKey(org: Org, server: Server, key: SigningKey): object {
  const { kty, e, n } = key.publicJwk;
  const status = { current: "ACTIVE", next: "NEXT", previous: "EXPIRED" }[key.role];
  const base = `${org.url}/api/v1/authorizationServers/${pathIdOf(server)}/credentials/keys/${key.kid}`;
  return { kty, status, alg: "RS256", kid: key.kid, use: "sig", _links: { self: linkTo(base)("", "GET") }, e, n };
}

export function keyOf({ keys }: Server, kid: string): SigningKey {
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw notFound(kid, "Key");
  return key;
}

/** The next key signs from now on; the last one still verifies, the one before it is gone. */
export async function rotateKeys(org: Org, server: Server, body: unknown, nowMs: number): Promise<readonly object[]> {
  if ((body as { use?: unknown } | undefined)?.use !== "sig")
    throw invalid("rotateKeys", "Invalid value specified for key 'use' parameter");
  const kept = server.keys.filter(({ role }) => role !== "previous");
  for (const key of kept) key.role = key.role === "current" ? "previous" : "current";
  server.keys.splice(0, server.keys.length, ...kept, await makeSigningKey("next"));
  server.lastRotated = timeOf(nowMs);
  return server.keys.map((key) => shownKey(org, server, key));
}
