import { readFileSync } from "node:fs";
import { decodeJwt } from "jose";
import { Agent, fetch } from "undici";
import type { Connection } from "../src/kube/connection.ts";
import { createServiceAccounts } from "../src/kube/service-accounts.ts";
import { apply, type Document, inNamespace, readExample, waitReady } from "./environment.ts";
import type { Tenants } from "./examples.ts";
import { secretOf, shown } from "./workload.ts";

export interface ServiceAccountDemo {
  readonly connection: Connection;
  readonly tenants: Tenants;
  /** Authority of the realm's certificate, in PEM. */
  readonly caFile: string;
  readonly say: (line: string) => void;
  readonly step: (line: string) => void;
}

const EXAMPLE = "keycloak/service-account";
const NAMESPACE = "reports-keycloak";
const NAME = "report-reader";

/** A workload without a secret. Returns what was applied. */
export async function showServiceAccount(demo: ServiceAccountDemo): Promise<readonly Document[]> {
  const { connection, tenants, say, step } = demo;
  step(`kubectl apply -k deploy/examples/${EXAMPLE}: a Pod without a secret`);
  const documents = ["namespace", "reports", "workload"]
    .flatMap((name) => readExample(`${EXAMPLE}/${name}.yaml`, tenants))
    // No kubelet runs here, so a Pod would never start.
    .filter(({ kind }) => kind !== "Pod")
    .map((document) => inNamespace(document, NAMESPACE));
  for (const document of documents) await apply(connection, document);
  for (const document of documents.filter(({ apiVersion }) => apiVersion !== "v1")) {
    await waitReady(connection, document);
    say(`  ${document.kind} ${document.metadata.name} is Ready`);
  }
  const secret = await secretOf(connection, NAMESPACE, "report-reader-oauth");
  say(`  Its Secret holds no credential. Its keys: ${Object.keys(secret).sort().join(", ")}`);
  await showToken(demo, secret);
  return documents;
}

/** As the Pod does it, with the token that the kubelet would write into it (RFC 7523 section 2.2). */
async function showToken(
  { connection, caFile, say }: ServiceAccountDemo,
  secret: Readonly<Record<string, string>>,
): Promise<void> {
  const { requestToken } = createServiceAccounts(connection, { requestsTokens: true });
  const { client_assertion_audience: audience = "", client_assertion_type = "", scopes: scope = "" } = secret;
  const assertion = await requestToken?.({ namespace: NAMESPACE, name: NAME, audience, seconds: 600 });
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  const form = { grant_type: "client_credentials", client_assertion_type, client_assertion: assertion ?? "", scope };
  const answer = await fetch(secret["token_endpoint"] ?? "", {
    ...{ method: "POST", dispatcher, body: new URLSearchParams(form) },
  });
  const { access_token: token } = (await answer.json()) as { readonly access_token?: string };
  await dispatcher.close();
  if (token === undefined) throw new Error("the service account got no token");
  const { aud, azp, scope: granted } = decodeJwt<{ azp?: string; scope?: string }>(token);
  say(`  Request with the Pod's service account token: ${String(answer.status)}`);
  say(`  Token claims: ${shown({ aud, azp, scope: granted })}`);
}
