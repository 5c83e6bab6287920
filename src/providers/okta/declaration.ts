import { z } from "zod";
import { host, origin } from "../../kinds/schema/host.ts";
import { withRules } from "../../kinds/schema/rules.ts";
import { declareProvider } from "../declaration.ts";
import { apiSection } from "./api-section.ts";
import { CAPABILITIES } from "./capabilities.ts";

const variant = z.object({
  orgUrl: withRules(origin(), [
    { rule: "self == oldSelf", message: "orgUrl is immutable: another org is another provider object" },
  ]).describe("The org's own URL, without a slash at the end, for example https://acme.okta.com. Immutable."),
  customDomain: host()
    .optional()
    .describe(
      "Host of the URLs given to workloads, where the org has a custom one. Default: that of orgUrl, or what an authorization server's issuer says.",
    ),
});

export const okta = declareProvider({
  label: "Okta",
  hosts: ["*.okta.com", "*.oktapreview.com", "*.okta-emea.com"],
  variant: variant.describe("An Okta org."),
  tenantOf: ({ orgUrl }) => new URL(orgUrl).host,
  texts: {
    credentials: "api_token, or client_id, private_key and key_id",
    requestsPerMinute: "what the org says of its /api/v1 limit, the others in proportion",
    burst: "a tenth of the rate",
    sharePercent: "50",
  },
  apiSection,
  capabilities: CAPABILITIES,
  load: () => import("./index.ts"),
});
