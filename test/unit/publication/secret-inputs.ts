import type { KeyCredential, LayoutInputs, PublishedGrant, SecretInputs } from "../../../src/publication/inputs.ts";

export const SECRET = "not-a-real-secret";

const server = {
  issuer: "https://acme.eu.auth0.example/",
  wellKnownUrl: "https://acme.eu.auth0.example/.well-known/oauth-authorization-server",
  tokenEndpoint: "https://acme.eu.auth0.example/oauth/token",
  jwksUri: "https://acme.eu.auth0.example/.well-known/jwks.json",
};
const ISSUER = server.issuer;

export function grant(name: string, audience: string, scopes: readonly string[]): PublishedGrant {
  return { name, audience, scopes, ...server, assertionAudience: ISSUER };
}

export function layout(change: Partial<LayoutInputs> = {}, data: Readonly<Record<string, string>> = {}): LayoutInputs {
  const template = { data, labels: {}, annotations: {}, apis: ["portal"] };
  return { type: "Opaque", keyStyle: "Snake", keyPrefix: "", template, ...change };
}

export const PRIVATE_KEY = "not-a-real-private-key";

export function keyCredential(change: Partial<KeyCredential> = {}): KeyCredential {
  return {
    id: "k1",
    createdAt: "2026-01-02T03:04:05Z",
    authenticationMethod: "private_key_jwt",
    privateKey: PRIVATE_KEY,
    keyId: "thumbprint-1",
    algorithm: "PS256",
    registration: "cred_1",
    ...change,
  };
}

/** A client with one grant that fills the flat keys. */
export function inputs(change: Partial<SecretInputs> = {}): SecretInputs {
  return {
    clientId: "client-1",
    domain: "acme.eu.auth0.example",
    vendor: "auth0",
    credential: {
      id: "c1",
      authenticationMethod: "client_secret_post",
      clientSecret: SECRET,
      createdAt: "2026-01-02T03:04:05Z",
    },
    server: { ...server, assertionAudience: ISSUER },
    assertionAudience: ISSUER,
    grants: [grant("uploads", "https://api.example/timesheets", ["read:all", "batch:upload"])],
    primary: "uploads",
    apis: {},
    layout: layout(),
    ...change,
  };
}
