import { z } from "zod";
import { idText } from "../answers.ts";
import type { RawDocument } from "./session.ts";

/**
 * What Okta sends, as far as it is read: ids and what tells one resource from another are always there, everything else
 * may be missing or null. https://developer.okta.com/docs/api/openapi/okta-management/guides/overview/
 */
const text = () => z.string().nullish();
const texts = () => z.array(z.string()).nullish();
const included = () => z.object({ include: texts() }).nullish();

export const serverDocument = z.object({
  id: idText(),
  name: z.string(),
  description: text(),
  audiences: z.array(z.string()),
  issuer: z.url({ protocol: /^https$/ }),
  issuerMode: text(),
  status: text(),
  created: text(),
  credentials: z.object({ signing: z.object({ rotationMode: text() }).nullish() }).nullish(),
});
export type ServerDocument = WithDates<z.output<typeof serverDocument>>;

export const scopeDocument = z.object({
  id: idText(),
  name: z.string().min(1),
  description: text(),
  default: z.boolean().nullish(),
  consent: z.string(),
  system: z.boolean().nullish(),
});
/** The SDK's models call `default` otherwise. */
export type ScopeDocument = z.output<typeof scopeDocument> & { readonly _default?: boolean };

export const claimDocument = z.object({
  id: idText(),
  name: z.string().min(1),
  status: text(),
  claimType: z.string(),
  valueType: z.string(),
  value: text(),
  conditions: z.object({ scopes: texts() }).nullish(),
  system: z.boolean().nullish(),
});
export type ClaimDocument = z.output<typeof claimDocument>;

export const policyDocument = z.object({
  id: idText(),
  type: z.literal("OAUTH_AUTHORIZATION_POLICY"),
  name: z.string(),
  description: text(),
  status: text(),
  priority: z.number().nullish(),
  system: z.boolean().nullish(),
  created: text(),
  conditions: z.object({ clients: included() }).nullish(),
});
export type PolicyDocument = WithDates<z.output<typeof policyDocument>>;

export const ruleDocument = z.object({
  id: idText(),
  type: z.literal("RESOURCE_ACCESS"),
  name: z.string(),
  status: text(),
  created: text(),
  priority: z.number().nullish(),
  conditions: z.object({ grantTypes: included(), scopes: included() }).nullish(),
  actions: z
    .object({ token: z.object({ accessTokenLifetimeMinutes: z.number().positive().nullish() }).nullish() })
    .nullish(),
});
export type RuleDocument = WithDates<z.output<typeof ruleDocument>>;

const key = () => z.object({ kid: text(), status: text(), alg: text() });

/** An OpenID Connect application. */
export const appDocument = z.object({
  id: idText(),
  label: z.string(),
  signOnMode: z.string(),
  status: z.string(),
  credentials: z
    .object({
      oauthClient: z
        .object({ client_id: idText().nullish(), client_secret: text(), token_endpoint_auth_method: text() })
        .nullish(),
    })
    .nullish(),
  settings: z
    .object({
      notes: z.object({ admin: text() }).nullish(),
      oauthClient: z
        .object({
          application_type: text(),
          grant_types: texts(),
          dpop_bound_access_tokens: z.boolean().nullish(),
          jwks: z.object({ keys: z.array(key()).nullish() }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
  profile: z.record(z.string(), z.unknown()).nullish(),
});
export type AppDocument = z.output<typeof appDocument>;

export const secretDocument = z.object({ id: idText(), status: z.string(), client_secret: text(), created: text() });
export type SecretDocument = WithDates<z.output<typeof secretDocument>>;

/** The SDK's models make dates of times. */
type WithDates<T extends { readonly created?: string | null | undefined }> = Omit<T, "created"> & {
  readonly created?: Date | string | null | undefined;
};

/** One or several members below `key`, the others unchanged. */
export function within(document: RawDocument, key: string, change: RawDocument): RawDocument {
  return { ...document, [key]: { ...(document[key] as RawDocument | undefined), ...change } };
}

/** Times are texts or, from the SDK, dates. */
export const timeOf = (value: Date | string | null | undefined): number =>
  value == null ? 0 : new Date(value).getTime();
