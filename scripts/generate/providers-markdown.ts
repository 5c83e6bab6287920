import type { Capabilities } from "../../src/ports/provider.ts";
import type { ProviderDeclaration } from "../../src/providers/declaration.ts";

const yes = (has: boolean): string => (has ? "yes" : "no");
const list = (values: readonly string[]): string => (values.length === 0 ? "no" : values.join(", "));

/** As code, which may break anywhere in a narrow column. */
const withSetting = (method: string, setting: string | undefined): string =>
  setting === undefined ? `\`${method}\`` : `\`${method}\` (with \`${setting}\`)`;

function lifetime({ heldBy, min, max, step }: Capabilities["tokenLifetime"]): string {
  const where = HELD_BY[heldBy];
  const unit = step === 60 ? " in whole minutes" : "";
  return `${where}, ${min === 60 ? "1 minute" : `${String(min / 60)} minutes`} to ${String(max / 3600)} hours${unit}`;
}

const HELD_BY: Readonly<Record<Capabilities["tokenLifetime"]["heldBy"], string>> = {
  api: "per API",
  grant: "per API or per grant",
  client: "per API or per grant. The smallest of a client's grants applies to all its tokens",
};

const WHEN_NONE_REQUESTED: Readonly<Record<Capabilities["whenNoneRequested"], string>> = {
  granted: "all granted scopes",
  defaults: "the default scopes",
  nothing: "none, and no audience",
};

/** One row for each capability that not every provider has, with the field that requests it. */
const ROWS: readonly (readonly [capability: string, field: string, has: (capabilities: Capabilities) => string])[] = [
  [
    "Authentication methods of clients, default first",
    "M2MClient `authentication.method`",
    (c) => list(c.authenticationMethods.map((method) => withSetting(method, c.methodsBySetting?.[method]))),
  ],
  [
    "Algorithms of client assertions",
    "M2MClient `authentication.privateKeyJwt.algorithm`",
    (c) => list(c.assertionAlgorithms),
  ],
  ["Public keys per client", "M2MClient `authentication.privateKeyJwt.publicKeys`", (c) => String(c.maxPublicKeys)],
  ["Token quota (Early Access at Auth0)", "M2MClient `tokenQuota`", (c) => yes(c.tokenQuotas)],
  ["Custom client ID", "M2MClient `clientId` without `adopt`", (c) => yes(c.choosesClientId)],
  ["Signing algorithms of access tokens", "OAuthApi `tokens.signingAlgorithm`", (c) => list(c.signingAlgorithms)],
  ["Token profiles", "OAuthApi `tokens.profile`", (c) => (c.profiles.length === 0 ? "fixed" : list(c.profiles))],
  [
    "Signing algorithm and profile",
    "OAuthApi `tokens`",
    (c) => (c.oneTokenFormatPerClient === true ? "per client: its APIs must agree" : "per API"),
  ],
  ["Permissions in tokens", "OAuthApi `tokens.permissions`", (c) => yes(c.permissionsClaim)],
  ["Token lifetime", "OAuthApi `tokens.lifetime`, ScopeGrant `tokenLifetime`", (c) => lifetime(c.tokenLifetime)],
  ["Description of an API", "OAuthApi `description`", (c) => (c.apiDescriptions ? "yes" : "only in the resource")],
  [
    "Scopes of a token request without scopes",
    "OAuthApi `scopes[].default`",
    (c) => WHEN_NONE_REQUESTED[c.whenNoneRequested],
  ],
  [
    "Tokens for an API without scopes",
    "OAuthApi `scopes: []`, ScopeGrant `allScopes`",
    (c) => (c.tokensNeedScopes === true ? "no. The grant exists, but the provider issues no token" : "yes"),
  ],
  ["Scopes for all clients", "ScopeGrant `allClients`", (c) => yes(c.grantsToAllClients)],
  [
    "Organization-bound tokens",
    "ScopeGrant `organizations`, M2MClient `defaultOrganization`",
    (c) => yes(c.organizations),
  ],
  ["Several APIs with one audience at the tenant", "OAuthApi `audience`", (c) => yes(c.sharesAudiences)],
  [
    "Detection of a client secret that somebody replaced",
    "",
    (c) => (c.secretsSeenBy === "listing" ? "with every refresh" : "within a day, or on request"),
  ],
];

/** What each provider can, from what its folder declares and the contract suite checks. */
export function providersMarkdown(providers: Readonly<Record<string, ProviderDeclaration>>): string {
  const declared = Object.values(providers);
  const row = (capability: string, field: string, cells: readonly string[]): string =>
    `| ${[field === "" ? capability : `${capability}<br>${field}`, ...cells].join(" | ")} |`;
  const rows = ROWS.map(([capability, field, has]) =>
    row(
      capability,
      field,
      declared.map(({ capabilities }) => has(capabilities)),
    ),
  );
  return `# Provider capabilities

The operator never ignores a field that the provider does not support. The resource is \`Stalled\` with the reason
\`UnsupportedByProvider\`, and the message names the field.

| Capability and field | ${declared.map(({ label }) => label).join(" | ")} |
| --- | ${declared.map(() => "---").join(" | ")} |
${rows.join("\n")}
${row(
  "Hosts allowed without a setting",
  "`--allowed-hosts`",
  declared.map(({ hosts }) => (hosts.length === 0 ? "none" : hosts.join(", "))),
)}
${row(
  "Keys of the credentials Secret",
  "Provider `credentialsSecretRef`",
  declared.map(({ texts }) => texts.credentials),
)}
${row(
  "The operator's own service account in place of a Secret",
  "ClusterIdentityProvider without `credentialsSecretRef`",
  declared.map(({ takesServiceAccountToken }) => yes(takesServiceAccountToken === true)),
)}

This page is generated from the adapters by \`npm run generate\`.
`;
}
