import type { Management } from "auth0";
import { formatMark, type Mark, MARK_KEY } from "../../ports/mark.ts";
import type { ClientChange, ClientSpec, SecretMethod, TokenQuota } from "../../ports/provider.ts";

const SERVICE = { app_type: "non_interactive", grant_types: ["client_credentials"] };

/** Without any grant type the token endpoint refuses the client, which keeps its id, credentials and grants. */
const grantTypes = (isEnabled: boolean): object => ({ grant_types: isEnabled ? SERVICE.grant_types : [] });

/** Defaults that are too broad for a machine are always said: without grant_types a client could log people in. */
export function createBody(spec: ClientSpec, mark: Mark): Management.CreateClientRequestContent {
  return {
    name: spec.displayName,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...SERVICE,
    ...grantTypes(spec.isEnabled ?? true),
    ...authenticationBody(spec),
    ...settingsBody(spec),
    oidc_conformant: true,
    jwt_configuration: { alg: "RS256" },
    client_metadata: { ...spec.metadata, [MARK_KEY]: formatMark(mark) },
  } as Management.CreateClientRequestContent;
}

/** A secret's method, or keys that are registered together with the client. Never both. */
function authenticationBody({ authenticationMethod, publicKeys = [] }: ClientSpec): object {
  if (authenticationMethod !== "private_key_jwt") return { token_endpoint_auth_method: authenticationMethod };
  const credentials = publicKeys.map(({ keyId, pem, algorithm }) => ({
    credential_type: "public_key",
    name: keyId,
    pem,
    alg: algorithm,
    kid: keyId,
  }));
  return { client_authentication_methods: { private_key_jwt: { credentials } } };
}

function settingsBody({
  tokenQuota,
  defaultOrganization,
}: Pick<ClientChange, "tokenQuota" | "defaultOrganization">): object {
  return {
    ...(tokenQuota === undefined ? {} : { token_quota: quotaBody(tokenQuota) }),
    ...(defaultOrganization === undefined
      ? {}
      : { default_organization: defaultOrganizationBody(defaultOrganization) }),
  };
}

const defaultOrganizationBody = (id: string | null): object | null =>
  id === null ? null : { organization_id: id, flows: ["client_credentials"] };

function quotaBody({ perHour, perDay, enforce }: TokenQuota): object {
  return {
    client_credentials: {
      enforce: enforce ?? true,
      ...(perHour === undefined ? {} : { per_hour: perHour }),
      ...(perDay === undefined ? {} : { per_day: perDay }),
    },
  };
}

/** `client_metadata` is merged key by key, and null takes a key away. */
export function changeBody(change: ClientChange): Record<string, unknown> {
  const metadata: Record<string, string | null> = { ...change.metadata };
  if (change.mark !== undefined) metadata[MARK_KEY] = change.mark === null ? null : formatMark(change.mark);
  return {
    ...(change.displayName === undefined ? {} : { name: change.displayName }),
    ...(change.description === undefined ? {} : { description: change.description }),
    ...methodBody(change.authenticationMethod),
    ...(change.restoreServiceType === true ? SERVICE : {}),
    ...(change.isEnabled === undefined ? {} : grantTypes(change.isEnabled)),
    ...settingsBody(change),
    ...(Object.keys(metadata).length === 0 ? {} : { client_metadata: metadata }),
  };
}

/** Keys and a secret exclude each other, so that one goes in the same request in which the other comes. */
export function methodBody(method: SecretMethod | undefined): object {
  return method === undefined ? {} : { token_endpoint_auth_method: method, client_authentication_methods: null };
}
