import { afterAll } from "vitest";
import { createRealm, type Realm } from "../../../keycloak/realm.ts";
import type { Fetch } from "../../../src/ports/http-transport.ts";
import { clock } from "../../contract/connected.ts";
import { createFaults } from "../../contract/lost-answers.ts";
import { describeProvider, type Subject } from "../../contract/provider.ts";
import { connectTo, describeKeycloak, keycloak } from "./server.ts";

const realms: Realm[] = [];
afterAll(async () => {
  await Promise.all(realms.map((realm) => realm.remove()));
});

async function subject(): Promise<Subject> {
  const realm = await createRealm(keycloak());
  realms.push(realm);
  const faults = createFaults();
  const connect = (by: (fetch: Fetch) => Fetch = (fetch) => fetch) => connectTo(realm, { by });
  return {
    provider: await connect(faults.between),
    connect,
    clock,
    rotateByHand: async (clientId, secret) => {
      const { id } = (await realm.client(clientId)) ?? {};
      await realm.admin("PUT", `/clients/${String(id)}`, { secret });
    },
    removeByHand: (kind) => removeByHand(realm, kind),
    loseNextAnswer: faults.loseNextAnswer,
    failNext: faults.failNext,
    revokeTokens: async () => {
      // Times in tokens are whole seconds, and a token of this second is as old as the revocation.
      const second = Math.floor(Date.now() / 1000) + 1;
      await new Promise((resolve) => setTimeout(resolve, second * 1000 - Date.now() + 50));
      await realm.admin("PUT", "", { notBefore: second });
    },
  };
}

async function removeByHand(realm: Realm, kind: "client" | "api" | "grant"): Promise<void> {
  for (const { id, bearerOnly } of await realm.clients())
    if (kind !== "grant" && (bearerOnly === true) === (kind === "api"))
      await realm.admin("DELETE", `/clients/${String(id)}`);
  if (kind === "grant")
    for (const { id } of await realm.scopes()) await realm.admin("DELETE", `/client-scopes/${String(id)}`);
}

describeKeycloak(() => {
  describeProvider("keycloak", subject);
});
