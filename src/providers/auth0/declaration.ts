import { z } from "zod";
import { host } from "../../kinds/schema/host.ts";
import { withRules } from "../../kinds/schema/rules.ts";
import { declareProvider } from "../declaration.ts";
import { apiSection } from "./api-section.ts";
import { CAPABILITIES } from "./capabilities.ts";

const variant = z.object({
  domain: withRules(host(), [
    { rule: "self == oldSelf", message: "domain is immutable: create another provider object for another tenant" },
  ]).describe("Canonical domain of the tenant, without https://, for example acme.eu.auth0.com. Immutable."),
  customDomain: host()
    .optional()
    .describe("Custom domain of the tenant. Workloads get it in the issuer and the URLs. Default: domain."),
});

export const auth0 = declareProvider({
  label: "Auth0",
  hosts: ["*.auth0.com"],
  variant: variant.describe("An Auth0 tenant."),
  tenantOf: ({ domain }) => domain,
  texts: {
    credentials: "client_id and client_secret, or private_key with key_id and algorithm",
    requestsPerMinute: "120",
    burst: "2",
    sharePercent: "80",
  },
  apiSection,
  capabilities: CAPABILITIES,
  load: () => import("./index.ts"),
});
