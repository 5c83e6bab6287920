import { z } from "zod";
import { httpsUrl } from "../../kinds/schema/host.ts";
import { matching, withRules } from "../../kinds/schema/rules.ts";
import { declareProvider } from "../declaration.ts";
import { CAPABILITIES } from "./capabilities.ts";

const variant = z.object({
  url: withRules(httpsUrl(), [
    { rule: "self == oldSelf", message: "url is immutable: create another provider object for another server" },
  ]).describe(
    "URL of the server, without a slash at the end, for example https://sso.example.com. It must be the URL in the issuer of tokens. Immutable.",
  ),
  realm: withRules(
    matching(
      z.string().min(1).max(255),
      "^[A-Za-z0-9][-._A-Za-z0-9]*$",
      "realm must be the name of a realm: letters, digits, '-', '_' and '.', beginning with a letter or digit",
    ),
    [{ rule: "self == oldSelf", message: "realm is immutable: create another provider object for another realm" }],
  ).describe("Name of the realm. Immutable."),
  kubernetesIdentityProvider: matching(
    z.string().min(1).max(255),
    "^[!-~]+$",
    "kubernetesIdentityProvider must be an alias of printable ASCII characters without spaces",
  )
    .optional()
    .describe(
      "Alias of the identity provider of type Kubernetes in the realm whose issuer is this cluster's. The realm's owner creates it once. M2MClients with authentication.method: kubernetes need it. Default: none.",
    ),
});

export const keycloak = declareProvider({
  label: "Keycloak",
  hosts: [],
  variant: variant.describe("A realm of a Keycloak server, version 26.7 or newer."),
  tenantOf: ({ url, realm }) => `${url.replace(/^https:\/\//, "")}/realms/${realm}`,
  takesServiceAccountToken: true,
  texts: {
    credentials: "client_id and client_secret, or private_key with key_id and algorithm",
    requestsPerMinute: "1200",
    burst: "40",
    sharePercent: "100",
  },
  capabilities: CAPABILITIES,
  load: () => import("./index.ts"),
});
