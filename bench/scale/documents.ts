import type { Document } from "../../demo/environment.ts";
import { defaultProvider, documentIn, range } from "../documents.ts";
import type { Case } from "./cases.ts";
import type { SandboxProcess } from "./sandbox-process.ts";

/** Limits that the operator never reaches, and no token that only verifies a credential. */
export function providerOf({ auth0, caPem }: Pick<SandboxProcess, "auth0" | "caPem">): Document {
  return defaultProvider({
    auth0: { domain: auth0.domain },
    credentialsSecretRef: { name: "auth0-management" },
    caBundle: caPem,
    driftInterval: "1h",
    rateLimit: { requestsPerMinute: 100_000, burst: 1000, sharePercent: 100 },
    verification: { policy: "Never" },
  });
}

export const namespaceOf = (prefix: string, index: number): string => `${prefix}-${String(index)}`;

/** Without the namespaces themselves: first every API, then every client, then every grant. */
export function documentsOf(size: Case, prefix: string): readonly Document[] {
  const namespaces = range(size.namespaces).map((index) => namespaceOf(prefix, index));
  const inEach = (count: number, one: (namespace: string, index: number) => Document): readonly Document[] =>
    range(count).flatMap((index) => namespaces.map((namespace) => one(namespace, index)));
  return [
    ...inEach(size.apis, (namespace, i) =>
      documentIn(namespace, "OAuthApi", `api-${String(i)}`, {
        audience: `https://${namespace}.example.com/api-${String(i)}`,
        scopes: [{ name: "read:all" }, { name: "write:all" }],
      }),
    ),
    ...inEach(size.clients, (namespace, i) =>
      documentIn(
        namespace,
        "M2MClient",
        `client-${String(i)}`,
        // Some clients have two grants, and then somebody must say which one fills the Secret.
        size.grants > 0 ? { secret: { primaryGrant: `grant-${String(i)}` } } : {},
      ),
    ),
    ...inEach(size.grants, (namespace, i) =>
      documentIn(namespace, "ScopeGrant", `grant-${String(i)}`, {
        clientRef: { name: `client-${String(i % size.clients)}` },
        // One that came round again is granted another API.
        apiRef: { name: `api-${String((i + Math.floor(i / size.clients)) % size.apis)}` },
        scopes: ["read:all"],
      }),
    ),
  ];
}
