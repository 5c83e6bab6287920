import { z } from "zod";
import { idText } from "../answers.ts";

/**
 * What Auth0 sends, as far as it is read: ids are always there, everything else may be missing or null.
 * https://auth0.com/docs/api/management/v2
 */
const text = () => z.string().nullish();
const flag = () => z.boolean().nullish();
const texts = () => z.array(z.string()).nullish();

/** How a client authenticates without a secret. Answers to a creation hold the keys whole, others their ids. */
const methods = () =>
  z.object({
    private_key_jwt: z.object({ credentials: z.array(z.object({ id: idText(), kid: text() })).nullish() }).nullish(),
  });
export type ClientMethods = z.output<ReturnType<typeof methods>>;

const quota = () => z.object({ enforce: flag(), per_hour: z.number().nullish(), per_day: z.number().nullish() });

export const clientDocument = z.object({
  client_id: idText(),
  name: text(),
  description: text(),
  app_type: text(),
  grant_types: texts(),
  token_endpoint_auth_method: text(),
  client_metadata: z.record(z.string(), z.unknown()).nullish(),
  client_secret: text(),
  is_first_party: flag(),
  global: flag(),
  token_quota: z.object({ client_credentials: quota().nullish() }).nullish(),
  default_organization: z.object({ organization_id: text() }).nullish(),
  client_authentication_methods: methods().nullish(),
});
export type ClientDocument = z.output<typeof clientDocument>;

export const keyDocument = z.object({ id: idText(), kid: text(), alg: text(), credential_type: z.string() });
export type KeyDocument = z.output<typeof keyDocument>;

const policy = () => z.object({ policy: text() }).nullish();

export const apiDocument = z.object({
  id: idText(),
  identifier: z.string().min(1),
  name: text(),
  is_system: flag(),
  scopes: z.array(z.object({ value: z.string().min(1), description: text() })).nullish(),
  token_lifetime: z.number().nullish(),
  token_lifetime_for_web: z.number().nullish(),
  signing_alg: text(),
  token_dialect: text(),
  signing_secret: text(),
  token_encryption: z.unknown().optional(),
  subject_type_authorization: z.object({ client: policy(), user: policy() }).nullish(),
  proof_of_possession: z.object({ mechanism: text(), required: flag(), required_for: text() }).nullish(),
  allow_offline_access: flag(),
  allow_online_access: flag(),
  skip_consent_for_verifiable_first_party_clients: flag(),
});
export type ApiDocument = z.output<typeof apiDocument>;

export const grantDocument = z
  .object({
    id: idText(),
    client_id: idText().nullish(),
    /** In place of a client. */
    default_for: text(),
    audience: z.string().min(1),
    scope: texts(),
    subject_type: text(),
    is_system: flag(),
    allow_all_scopes: flag(),
    organization_usage: text(),
    allow_any_organization: flag(),
  })
  .refine(({ client_id: client, default_for: others }) => client != null || others != null, "it is for nobody");
export type GrantDocument = z.output<typeof grantDocument>;

export const organizationDocument = z.object({ id: idText(), name: z.string().min(1) });
