import { z } from "zod";
import { host, origin } from "../../kinds/schema/host.ts";
import { withRules } from "../../kinds/schema/rules.ts";
import { declareProvider } from "../declaration.ts";
import { apiSection } from "./api-section.ts";
import { CAPABILITIES } from "./capabilities.ts";

const variant = z.object({
  orgUrl: withRules(origin(), [
    { rule: "self == oldSelf", message: "orgUrl is immutable: create another provider object for another org" },
  ]).describe("URL of the org, without a slash at the end, for example https://acme.okta.com. Immutable."),
  customDomain: host()
    .optional()
    .describe(
      "Custom domain of the org. Workloads get it in the URLs. Default: the host of orgUrl, or of the authorization server's issuer.",
    ),
});

export const okta = declareProvider({
  label: "Okta",
  hosts: ["*.okta.com", "*.oktapreview.com", "*.okta-emea.com"],
  variant: variant.describe("An Okta org."),
  tenantOf: ({ orgUrl }) => new URL(orgUrl).host,
  texts: {
    credentials: "api_token, or client_id, private_key and key_id",
    requestsPerMinute: "the limit that the org announces for /api/v1, other limits in proportion",
    burst: "a tenth of the rate",
    sharePercent: "50",
  },
  apiSection,
  capabilities: CAPABILITIES,
  load: () => import("./index.ts"),
});
