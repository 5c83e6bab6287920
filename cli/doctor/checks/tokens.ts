import { durationMs } from "../../../src/kinds/schema/duration.ts";
import type { Check } from "../check.ts";

/** Tokens of an API are signed with a shared secret. */
export const symmetricSigning: Check = {
  name: "symmetric-signing",
  severity: "warning",
  reports: "Tokens of an OAuthApi are signed with HS256.",
  risk: "Everybody who can verify a token can also forge one.",
  todo: "Set spec.tokens.signingAlgorithm: RS256, and verify tokens with the public keys of the issuer.",
  needs: ["apis"],
  find: ({ apis }) =>
    apis.flatMap((api) => {
      const algorithm = api.status?.signingAlgorithm ?? api.spec.tokens?.signingAlgorithm;
      return algorithm?.startsWith("HS") === true ? [{ on: api, why: `Its tokens are signed with ${algorithm}.` }] : [];
    }),
};

const DAY_MS = 24 * 3_600_000;

/** Tokens of an API live longer than a day. */
export const longLifetime: Check = {
  name: "long-lifetime",
  severity: "warning",
  reports: "Tokens of an OAuthApi are valid for more than a day.",
  risk: "A stolen token stays valid until it expires.",
  todo: "Set spec.tokens.lifetime to 24h or less.",
  needs: ["apis"],
  find: ({ apis }) =>
    apis.flatMap((api) => {
      const lifetime = api.status?.tokenLifetime ?? api.spec.tokens?.lifetime ?? "";
      return durationMs(lifetime) > DAY_MS ? [{ on: api, why: `Its tokens are valid for ${lifetime}.` }] : [];
    }),
};
