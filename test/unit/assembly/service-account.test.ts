import { expect, it } from "vitest";
import { createProviderFactory } from "../../../src/assembly/provider-factory.ts";
import { loadConfig } from "../../../src/config.ts";
import { settingsOf } from "../../../src/kinds/identity-provider/desire.ts";
import type { ProviderResource } from "../../../src/kinds/identity-provider/schema.ts";
import { clock } from "../../contract/connected.ts";

const REALM = { url: "https://sso.example.com", realm: "machines" };
const object = (kind: string, spec: object) => ({ kind, metadata: { name: "x" }, spec }) as ProviderResource;

it("only a ClusterIdentityProvider without a Secret uses the operator's service account", () => {
  const secret = { credentialsSecretRef: { name: "realm" } };
  const uses = (kind: string, spec: object) =>
    settingsOf(object(kind, { keycloak: REALM, ...spec })).usesServiceAccount;
  expect(uses("ClusterIdentityProvider", {})).toBe(true);
  expect(uses("ClusterIdentityProvider", secret)).toBeUndefined();
  // Admission refuses it; what was stored before stays without an identity.
  expect(uses("IdentityProvider", {})).toBeUndefined();
});

const factory = () => {
  const read: string[] = [];
  const made = createProviderFactory({
    ...{ config: loadConfig(["--instance-id", "a"], {}), clock, fingerprint: (text: string) => text },
    ...{ leaving: new AbortController().signal, mayCall: () => true, warn: () => undefined },
    exchanges: { observe: () => undefined, forget: () => undefined },
    readServiceAccountToken: (audience) => {
      read.push(audience);
      return Promise.reject(new Error("no token"));
    },
  });
  return { made, read };
};

it("a vendor that takes no service account gets no token", async () => {
  const { made, read } = factory();
  const settings = settingsOf(object("ClusterIdentityProvider", { auth0: { domain: "a.auth0.com" } }));
  await expect(made.connect(settings, {})).rejects.toMatchObject({
    code: "unsupported",
    message: "Auth0 does not take the operator's service account token. Set spec.credentialsSecretRef.",
  });
  expect(read).toEqual([]);
});

it("no token is read for a provider object that names a Secret, nor for one of a namespace", async () => {
  const { made, read } = factory();
  for (const kind of ["ClusterIdentityProvider", "IdentityProvider"]) {
    const spec = { keycloak: REALM, ...(kind === "IdentityProvider" ? {} : { credentialsSecretRef: { name: "x" } }) };
    const provider = await made.connect(settingsOf(object(kind, spec)), {});
    await expect(provider.probe()).rejects.toThrow();
    provider.close();
  }
  expect(read).toEqual([]);
});
