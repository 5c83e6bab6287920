import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { createRealm, type Realm } from "../../../keycloak/realm.ts";
import type { Fetch } from "../../../src/ports/http-transport.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import { ProviderError } from "../../../src/ports/provider-error.ts";
import { vendorAt } from "../../../src/providers/keycloak/answers.ts";
import { BAD_ANSWERS } from "../../contract/bad-answers.ts";
import { connectedBy, transportBy } from "../../contract/connected.ts";
import { type Outcome, replacing } from "../../contract/replaced.ts";
import { JOB, MARK } from "../../contract/ways.ts";
import { describeKeycloak, keycloak } from "./server.ts";
import { KEYCLOAK_WAYS, type Present } from "./ways.ts";

/** Names of features tell nothing apart that the operator would change: one that is missing is an older server. */
const OF_NAMES = /with (empty ids|ids that are other paths|another object's)$/;

/** Code of the error, and what was written after that. */
function textOf({ is, error, written }: Outcome): string {
  if (is !== "replaced") return is;
  const code = error instanceof ProviderError ? error.code : `no ProviderError (${String(error)})`;
  return [code, ...written].join(", then ");
}

describeKeycloak(() => {
  let realm: Realm;
  let transport: Fetch;
  beforeAll(async () => {
    const { url, caPem } = keycloak();
    transport = await transportBy("keycloak", { caPem, hosts: [new URL(url).host], pace: "unpaced" });
  });
  // Every adapter reads all of its realm, so the realm must stay small.
  beforeEach(async () => {
    realm = await createRealm(keycloak());
  });
  afterEach(() => realm.remove());

  const connect = (by: (fetch: Fetch) => Fetch = (fetch) => fetch): Promise<Provider> => {
    const variant = { url: keycloak().url, realm: realm.name };
    const credentials = { client_id: realm.clientId, client_secret: realm.clientSecret };
    return connectedBy("keycloak", variant, credentials, { fetch: by(transport) });
  };

  /** Objects that no other answer is about. */
  const present = async (): Promise<Present> => {
    const provider = await connect();
    const name = randomUUID();
    const scopes = ["a", "b", "c"].map((scope) => ({ name: `${name}:${scope}` }));
    const spec = { audience: `https://${name}.example.com/`, displayName: "API", scopes, tokens: {} };
    const api = await provider.apis.create(spec, MARK);
    const { client } = await provider.clients.create(JOB, MARK);
    const grant = await provider.grants.create({ client: client.ref, api, scopes: [`${name}:a`] });
    return { realm, api, client, grant };
  };

  const seenOf = async (route: string, from: (typeof BAD_ANSWERS)[number]["from"]): Promise<string> => {
    const [way, before] = KEYCLOAK_WAYS[route] ?? [];
    const held = await present();
    await before?.(await connect(), held);
    return textOf(await replacing(connect, route, async (provider) => way?.(provider, held), from));
  };

  it("is tried for every operation that the adapter sends", () => {
    const routes = vendorAt(keycloak().url).operations.map(({ method, segments }) => `${method} ${segments.join("/")}`);
    expect(Object.keys(KEYCLOAK_WAYS).sort()).toEqual([...routes].sort());
  });

  it.each(Object.keys(KEYCLOAK_WAYS))("an answer to %s is believed only when it is one", async (route) => {
    const wanted = route.startsWith("GET ") ? "unavailable" : "ambiguous";
    const tried = BAD_ANSWERS.filter(({ what }) => !route.endsWith("/serverinfo") || !OF_NAMES.test(what));
    const failures = await Promise.all(
      tried.map(async ({ what, from }) => {
        const seen = await seenOf(route, from);
        return seen === "skipped" || seen === wanted ? [] : [`${what}: ${seen}`];
      }),
    );
    expect(failures.flat()).toEqual([]);
  });
});
