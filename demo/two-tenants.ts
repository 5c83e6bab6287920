import { join } from "node:path";
import type { Sandbox } from "../sandbox/start.ts";
import type { Connection } from "../src/kube/connection.ts";
import { curl, describe } from "./curl.ts";
import { apply, type Document, inNamespace, readExample, secretDocument, waitReady } from "./environment.ts";
import type { Tenants } from "./examples.ts";
import { auth0Guide, type Guide, oktaGuide } from "./guides.ts";
import { secretOf } from "./workload.ts";

export interface TwoTenantsDemo {
  readonly connection: Connection;
  readonly tenants: Tenants;
  readonly partner: Sandbox;
  readonly dir: string;
  readonly say: (line: string) => void;
  readonly step: (line: string) => void;
}

const NAMESPACE = "two-tenants";

/** One namespace, whose clients are at the cluster's Auth0 tenant and at an Okta org that only this namespace uses. */
export async function showTwoTenants(demo: TwoTenantsDemo): Promise<readonly Document[]> {
  const { connection, tenants, partner, dir, say, step } = demo;
  step("kubectl apply -k deploy/examples/okta/two-tenants");
  const documents = ["namespace", "orders", "deliveries"]
    .flatMap((name) => readExample(`okta/two-tenants/${name}.yaml`, tenants))
    .map((document) => inNamespace(document, NAMESPACE));
  const [namespace] = documents;
  if (namespace !== undefined) await apply(connection, namespace);
  await apply(connection, secretDocument(NAMESPACE, "partner-okta", { api_token: partner.okta.apiToken }));
  for (const document of documents) await apply(connection, document);
  for (const document of documents) {
    if (document.kind === "Namespace") continue;
    await waitReady(connection, document);
    say(`  ${document.kind} ${document.metadata.name} is Ready`);
  }
  const show = async (client: string, guide: Guide, caFile: string): Promise<void> => {
    const secret = await secretOf(connection, NAMESPACE, client);
    const [request] = guide(secret, secret["scopes"] ?? "");
    if (request === undefined) throw new Error("the guide has no request");
    const answer = await curl(dir, caFile, request);
    say(`  ${client}, at ${secret["issuer"] ?? "?"}: ${describe(answer)}`);
    if (answer.access_token === undefined) throw new Error(`${client} got no token`);
  };
  await show("shop", auth0Guide, join(dir, "ca.pem"));
  await show("dispatcher", oktaGuide, join(dir, "partner/ca.pem"));
  return documents;
}
