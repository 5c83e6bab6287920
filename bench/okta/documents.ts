import type { Document } from "../../demo/environment.ts";
import type { Sandbox } from "../../sandbox/start.ts";
import { defaultProvider, documentIn, range } from "../documents.ts";
import type { Case } from "./cases.ts";

export const NAMESPACE: Document = { apiVersion: "v1", kind: "Namespace", metadata: { name: "bench" } };

/** Looked at only when asked: no look of its own falls into what is measured. */
export function providerOf({ okta, caPem }: Sandbox, { rateLimit }: Case): Document {
  return defaultProvider({
    okta: { orgUrl: okta.url },
    credentialsSecretRef: { name: "okta-management" },
    caBundle: caPem,
    driftInterval: "24h",
    rateLimit,
    // Every client is tried while it is new, so that a restart has nothing left to try.
    verification: { maxPerHour: 1000 },
  });
}

export const apiDocument = (i: number, scopes: readonly string[] = ["read:all", "write:all"]): Document =>
  document("OAuthApi", `api-${String(i)}`, {
    audience: `https://api-${String(i)}.example.com/`,
    scopes: scopes.map((name) => ({ name })),
  });

/** The APIs of one client follow its number. */
export const grantDocument = (
  { apis }: Case,
  client: number,
  j: number,
  scopes: readonly string[] = ["read:all"],
): Document =>
  document("ScopeGrant", grantName(client, j), {
    clientRef: { name: `client-${String(client)}` },
    apiRef: { name: `api-${String((client + j) % apis)}` },
    scopes,
  });

export function documents(size: Case): readonly Document[] {
  return [
    ...range(size.apis).map((i) => apiDocument(i)),
    ...range(size.clients).map((i) =>
      document("M2MClient", `client-${String(i)}`, { secret: { primaryGrant: grantName(i, 0) } }),
    ),
    ...range(size.clients).flatMap((i) => range(size.grantsPerClient).map((j) => grantDocument(size, i, j))),
  ];
}

const grantName = (client: number, j: number): string => `grant-${String(client)}-${String(j)}`;

const document = (kind: string, name: string, spec: Record<string, unknown>): Document =>
  documentIn(NAMESPACE.metadata.name, kind, name, spec);
