import { block, type Document, set, type StateContent, type StateResource, texts } from "./documents.ts";

const KNOWN = new Set([
  ...["auth0_resource_server", "auth0_resource_server_scopes", "auth0_resource_server_scope", "auth0_client"],
  ...["auth0_client_credentials", "auth0_client_grant"],
]);

/** Resources of the Terraform provider auth0/auth0. */
export function auth0Documents(resources: readonly StateResource[]): StateContent {
  const of = (type: string): readonly Document[] =>
    resources.filter((one) => one.type === type).map(({ values }) => values);
  const credentials = new Map(of("auth0_client_credentials").map((one) => [one["client_id"], one]));
  const clients = of("auth0_client").map((client) => clientDocument(client, credentials.get(client["client_id"])));
  const unsaid = clients.filter(
    ({ token_endpoint_auth_method: method, name }) => method === undefined && name !== undefined,
  );
  return {
    documents: {
      resourceServers: of("auth0_resource_server").map((api) =>
        apiDocument(api, [...of("auth0_resource_server_scopes"), ...of("auth0_resource_server_scope")]),
      ),
      clients,
      clientGrants: of("auth0_client_grant").map((grant) => ({
        ...set(grant),
        scope: texts(grant["scopes"]),
        scopes: null,
      })),
    },
    missing: unsaid.map(
      ({ name, client_id: id }) =>
        `client ${JSON.stringify(name)} (${String(id)}): the state has no auth0_client_credentials with its authentication method, so that the export does not name one`,
    ),
    known: KNOWN,
  };
}

function apiDocument(api: Document, scopes: readonly Document[]): Document {
  const own = scopes.filter((one) => one["resource_server_identifier"] === api["identifier"]);
  const proof = block(api["proof_of_possession"]);
  const subjects = block(api["subject_type_authorization"]);
  return set({
    ...api,
    scopes: own.flatMap(scopesIn),
    proof_of_possession:
      proof === undefined || proof["disable"] === true ? undefined : { ...proof, disable: undefined },
    subject_type_authorization:
      subjects === undefined ? undefined : { user: block(subjects["user"]), client: block(subjects["client"]) },
    token_encryption: block(api["token_encryption"])?.["disable"] === true ? undefined : api["token_encryption"],
    // An older provider kept the scopes here.
    ...(own.length === 0 && Array.isArray(api["scopes"]) ? { scopes: api["scopes"] } : {}),
  });
}

/** One scope, or the list of all. */
const scopesIn = (resource: Document): readonly Document[] =>
  Array.isArray(resource["scopes"])
    ? (resource["scopes"] as readonly Document[]).map(({ name, description }) => ({ value: name, description }))
    : [{ value: resource["scope"], description: resource["description"] }];

function clientDocument(client: Document, credentials: Document | undefined): Document {
  const { id: _id, client_secret: _secret, client_authentication_methods: _methods, ...rest } = client;
  const method = credentials?.["authentication_method"];
  const keys = block(credentials?.["private_key_jwt"])?.["credentials"];
  const quota = block(block(client["token_quota"])?.["client_credentials"]);
  const isKey = method === "private_key_jwt";
  return set({
    ...rest,
    token_endpoint_auth_method: isKey ? undefined : method,
    client_authentication_methods: isKey
      ? { private_key_jwt: { credentials: ((keys ?? []) as readonly Document[]).map(({ id }) => ({ id })) } }
      : undefined,
    token_quota:
      quota === undefined
        ? undefined
        : { client_credentials: { ...quota, per_hour: quota["per_hour"] || null, per_day: quota["per_day"] || null } },
    default_organization: organization(client["default_organization"]),
  });
}

function organization(value: unknown): Document | undefined {
  const found = block(value);
  return found === undefined || found["disable"] === true ? undefined : { organization_id: found["organization_id"] };
}
