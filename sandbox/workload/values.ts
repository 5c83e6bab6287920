/** What a program needs to get tokens, by the names that the operator's Secret has. */
export interface WorkloadValues {
  readonly client_id: string;
  readonly client_secret: string;
  readonly token_endpoint_auth_method: string;
  readonly domain: string;
  readonly issuer: string;
  readonly well_known_url: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly audience: string;
  /** Separated by spaces. */
  readonly scopes: string;
}

/** An API, and the scopes of it that one client may request. */
export interface WorkloadAccess {
  readonly audience: string;
  readonly scopes: readonly string[];
}

/** Reads a member of an answer that must be there, by its path. */
export function textAt(body: unknown, ...path: readonly string[]): string {
  let value = body;
  for (const name of path) value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  if (typeof value !== "string") throw new Error(`the simulated tenant answered without ${path.join(".")}`);
  return value;
}
