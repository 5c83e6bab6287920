import type { Capabilities } from "../../src/ports/provider.ts";
import type { ProviderDeclaration } from "../../src/providers/declaration.ts";

const yes = (has: boolean): string => (has ? "yes" : "no");
const list = (values: readonly string[]): string => (values.length === 0 ? "no" : values.join(", "));

function lifetime({ heldBy, min, max, step }: Capabilities["tokenLifetime"]): string {
  const where = heldBy === "api" ? "of the API" : "of the API, or of each grant";
  const unit = step === 60 ? ", whole minutes" : "";
  return `${where}; ${String(min / 60)} minutes to ${String(max / 3600)} hours${unit}`;
}

/** One row for each capability that not every provider has, with the field that requests it. */
const ROWS: readonly (readonly [capability: string, field: string, has: (capabilities: Capabilities) => string])[] = [
  [
    "how clients authenticate, the default first",
    "M2MClient `authentication.method`",
    (c) => list(c.authenticationMethods),
  ],
  [
    "algorithms of client assertions",
    "M2MClient `authentication.privateKeyJwt.algorithm`",
    (c) => list(c.assertionAlgorithms),
  ],
  [
    "keys that one client can have",
    "M2MClient `authentication.privateKeyJwt.publicKeys`",
    (c) => String(c.maxPublicKeys),
  ],
  ["quota of tokens", "M2MClient `tokenQuota`", (c) => yes(c.tokenQuotas)],
  ["a client id of one's choice", "M2MClient `clientId` without `adopt`", (c) => yes(c.choosesClientId)],
  ["algorithms of access tokens", "OAuthApi `tokens.signingAlgorithm`", (c) => list(c.signingAlgorithms)],
  [
    "token profiles",
    "OAuthApi `tokens.profile`",
    (c) => (c.profiles.length === 0 ? "one of its own" : list(c.profiles)),
  ],
  ["permissions in tokens", "OAuthApi `tokens.permissions`", (c) => yes(c.permissionsClaim)],
  ["lifetime of tokens", "OAuthApi `tokens.lifetime`, ScopeGrant `tokenLifetime`", (c) => lifetime(c.tokenLifetime)],
  ["description of an API", "OAuthApi `description`", (c) => (c.apiDescriptions ? "yes" : "stays in the resource")],
  [
    "scopes that are given when none is asked for",
    "OAuthApi `scopes[].default`",
    (c) => (c.defaultScopes ? "those marked" : "always all that are granted"),
  ],
  [
    "tokens for an API without scopes",
    "OAuthApi `scopes: []`, ScopeGrant `allScopes`",
    (c) => (c.tokensNeedScopes === true ? "no: the grant exists and no token is issued" : "yes"),
  ],
  ["scopes for all clients", "ScopeGrant `allClients`", (c) => yes(c.grantsToAllClients)],
  [
    "tokens bound to organizations",
    "ScopeGrant `organizations`, M2MClient `defaultOrganization`",
    (c) => yes(c.organizations),
  ],
  ["several APIs of one audience at the tenant", "OAuthApi `audience`", (c) => yes(c.sharesAudiences)],
  [
    "a secret that somebody replaced is noticed",
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
  return `# What each provider can

A field that the chosen provider cannot honour is refused by name (\`Stalled\`, reason \`UnsupportedByProvider\`), never
ignored.

| Capability and field | ${declared.map(({ label }) => label).join(" | ")} |
| --- | ${declared.map(() => "---").join(" | ")} |
${rows.join("\n")}
${row(
  "hosts that need no setting",
  "`--allowed-hosts`",
  declared.map(({ hosts }) => hosts.join(", ")),
)}
${row(
  "keys of the credentials Secret",
  "provider `credentialsSecretRef`",
  declared.map(({ texts }) => texts.credentials),
)}

Generated from the adapters by \`npm run generate\`.
`;
}
