import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Realm, Representation } from "../../../keycloak/realm.ts";
import type { Cluster } from "../../integration/cluster.ts";
import { ALIAS, createServiceAccount, projectedToken } from "./service-account.ts";

/** The service account of an operator, and the directory in which its tokens are, as a projected volume has them. */
export interface OwnAccount {
  readonly subject: string;
  readonly directory: string;
  /** Puts a new token for this audience in place of the last one. Returns the token and when it was issued. */
  renewToken(audience: string): Promise<{ readonly token: string; readonly issuedAt: number }>;
  remove(): Promise<void>;
}

const NAME = "m2m-operator";

export async function createOwnAccount(cluster: Cluster): Promise<OwnAccount> {
  const namespace = await cluster.createNamespace();
  await createServiceAccount(cluster, namespace, NAME);
  const directory = mkdtempSync(join(tmpdir(), "m2m-own-tokens-"));
  return {
    subject: `system:serviceaccount:${namespace}:${NAME}`,
    directory,
    renewToken: async (audience) => {
      const token = await projectedToken(cluster, namespace, NAME, audience, 3600);
      // All at once, as the kubelet does it.
      writeFileSync(join(directory, "..next"), token);
      renameSync(join(directory, "..next"), join(directory, "token-0"));
      return { token, issuedAt: Date.now() };
    },
    remove: async () => {
      rmSync(directory, { recursive: true });
      await cluster.remove("Namespace", "", namespace);
    },
  };
}

/** As docs/keycloak.md tells an administrator to create it: a client for the service account, without a secret. */
export async function createFederatedClient(realm: Realm, clientId: string, subject: string): Promise<void> {
  await realm.admin("POST", "/clients", {
    clientId,
    ...{ protocol: "openid-connect", publicClient: false, serviceAccountsEnabled: true },
    ...{ standardFlowEnabled: false, implicitFlowEnabled: false, directAccessGrantsEnabled: false },
    ...{ fullScopeAllowed: true, clientAuthenticatorType: "federated-jwt" },
    attributes: { "jwt.credential.issuer": ALIAS, "jwt.credential.sub": subject },
    ...{ defaultClientScopes: ["basic", "roles"], optionalClientScopes: [] },
  });
  await giveRole(realm, clientId, "manage-clients");
}

/** Gives a role of `realm-management` to the client's service account. */
export async function giveRole(realm: Realm, clientId: string, name: string): Promise<void> {
  const id = async (client: string): Promise<string> => String((await realm.client(client))?.["id"]);
  const [management, client] = [await id("realm-management"), await id(clientId)];
  const role = await realm.admin("GET", `/clients/${management}/roles/${name}`);
  const user = (await realm.admin("GET", `/clients/${client}/service-account-user`)) as Representation;
  await realm.admin("POST", `/users/${String(user["id"])}/role-mappings/clients/${management}`, [role]);
}
