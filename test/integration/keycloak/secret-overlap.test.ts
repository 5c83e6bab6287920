import { afterAll, beforeEach, expect, it } from "vitest";
import { createRealm, type Realm } from "../../../keycloak/realm.ts";
import type { Mark } from "../../../src/ports/mark.ts";
import type { ObservedClient, Provider, TokenAnswer } from "../../../src/ports/provider.ts";
import { allowTwoSecrets, describeSecretRotation } from "./rotation-server.ts";
import { connectTo } from "./server.ts";

const MARK: Mark = {
  ...{ instance: "overlap", object: "0123456789abcdef", uid: "11111111-1111-1111-1111-111111111111" },
  ...{ origin: "made", nonce: "00112233445566ff" },
};
const AUDIENCE = "https://overlap.example.com/";
const value = (name: string): string => `not-a-real-secret-that-is-long-enough-${name}`;

describeSecretRotation((address) => {
  const realms: Realm[] = [];
  let realm: Realm;
  let provider: Provider;
  let client: ObservedClient;
  let first: string;
  let ask: (secret: string) => Promise<TokenAnswer["kind"]>;
  beforeEach(async () => {
    realm = await createRealm(address());
    realms.push(realm);
    provider = await connectTo(realm, { address: address() });
    await provider.probe();
    const api = await provider.apis.create(
      { audience: AUDIENCE, displayName: "API", scopes: [{ name: "a" }], tokens: {} },
      MARK,
    );
    const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_basic" } as const;
    const created = await provider.clients.create(spec, MARK);
    client = created.client;
    first = created.clientSecret ?? "";
    await provider.grants.create({ client: client.ref, api, scopes: ["a"] });
    const { tokenEndpoint } = await provider.metadata(api.ref);
    ask = async (clientSecret) => {
      const authentication = { method: "client_secret_basic", clientSecret } as const;
      const request = { tokenEndpoint, clientId: client.clientId, authentication, audience: AUDIENCE, scopes: ["a"] };
      return (await provider.requestToken(request)).kind;
    };
  });
  afterAll(async () => {
    await Promise.all(realms.map((each) => each.remove()));
  });
  const accepted = async (...names: readonly string[]): Promise<readonly string[]> => {
    const kinds = await Promise.all(names.map((name) => ask(name === "first" ? first : value(name))));
    return names.filter((_name, index) => kinds[index] === "token");
  };
  const seen = async () => (await provider.clients.get(client.ref))?.secrets?.map(({ ref }) => ref);
  const ALL = ["first", "second", "third", "fourth"] as const;

  it("takes a second secret beside the first, and ends each of them alone", async () => {
    await allowTwoSecrets(realm);
    expect(provider.capabilities.secretOverlap).toBe("full");
    const { clients } = provider;
    const second = await clients.addSecret(client.ref, value("second"));
    expect(second.others).toHaveLength(1);
    expect(await accepted(...ALL)).toEqual(["first", "second"]);
    expect(await clients.readSecret(client.ref)).toBe(value("second"));
    expect(await clients.addSecret(client.ref, value("second"))).toEqual(second);
    expect(await seen()).toEqual([second.ref, ...second.others]);
    await expect(clients.addSecret(client.ref, value("third"))).rejects.toMatchObject({ code: "limit_reached" });
    const third = await clients.addSecret(client.ref, value("third"), second.others[0]);
    expect(third.others).toEqual([second.ref]);
    expect(await accepted(...ALL)).toEqual(["second", "third"]);
    const fourth = await clients.addSecret(client.ref, value("fourth"), third.ref);
    expect(await accepted(...ALL)).toEqual(["second", "fourth"]);
    await clients.removeSecret(client.ref, fourth.ref);
    await clients.removeSecret(client.ref, fourth.ref);
    expect(await accepted(...ALL)).toEqual(["second"]);
    expect(await seen()).toEqual([second.ref]);
    await clients.addSecret(client.ref, value("third"));
    await clients.removeSecretByValue(client.ref, value("second"), []);
    expect(await accepted(...ALL)).toEqual(["third"]);
  });

  it("replaces both at once", async () => {
    await allowTwoSecrets(realm);
    await provider.clients.addSecret(client.ref, value("second"));
    await provider.clients.replaceSecret(client.ref, value("third"));
    expect(await accepted(...ALL)).toEqual(["third"]);
    expect(await seen()).toHaveLength(1);
  });

  it("says of a client that no policy lets have two, and leaves its secret as it is", async () => {
    await expect(provider.clients.addSecret(client.ref, value("second"))).rejects.toMatchObject({
      code: "unsupported",
    });
    expect(await accepted(...ALL)).toEqual(["first"]);
    expect(await provider.clients.get(client.ref)).toMatchObject({ lacksSecretOverlap: true });
    expect(await seen()).toHaveLength(1);
  });
});
