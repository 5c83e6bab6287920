import { JwtVerifier } from "aws-jwt-verify";
import { fetch } from "undici";
import { expect } from "vitest";
import type { ExampleWorld } from "./harness.ts";

/** What an API checks that knows the document at the Metadata URI and its own audience. */
export async function claimsOf(world: ExampleWorld, wellKnownUrl: string, audience: string, token: string) {
  const document = await fetch(wellKnownUrl, { dispatcher: world.trust });
  const { issuer, jwks_uri: jwksUri } = (await document.json()) as { issuer: string; jwks_uri: string };
  expect(wellKnownUrl).toBe(`${issuer}/.well-known/oauth-authorization-server`);
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri });
  const keys = await fetch(jwksUri, { dispatcher: world.trust });
  verifier.cacheJwks((await keys.json()) as Parameters<typeof verifier.cacheJwks>[0]);
  return verifier.verify(token);
}
