import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { Agent, fetch } from "undici";
import { MANAGEMENT_SCOPES } from "../../sandbox/auth0/tenant.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";

export let sandbox: Sandbox;
export let dispatcher: Agent;

/** A tenant for the tests of a file, empty before each. */
export function useTenant(): void {
  beforeAll(async () => {
    sandbox = await startSandbox({ auth0: { managementScopes: MANAGEMENT_SCOPES } });
    dispatcher = new Agent({ connect: { ca: sandbox.caPem } });
  });
  beforeEach(() => {
    sandbox.tenant.reset();
  });
  afterAll(async () => {
    await dispatcher.close();
    await sandbox.close();
  });
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: { get(name: string): string | null };
}

export async function send(method: string, path: string, body: unknown, token?: string): Promise<Answer> {
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const init = { method, dispatcher, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await fetch(sandbox.auth0.url + path, init);
  const text = await answer.text();
  return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as never, headers: answer.headers };
}

export const management = (): string => `https://${sandbox.auth0.domain}/api/v2/`;

export const ask = (parameters: object): Promise<Answer> =>
  send("POST", "/oauth/token", { grant_type: "client_credentials", ...parameters });

export async function managementToken(scopes?: readonly string[]): Promise<string> {
  const { clientId: client_id, clientSecret: client_secret } = sandbox.auth0;
  const grant = [...sandbox.tenant.state.grants.values()].find((candidate) => candidate.client_id === client_id);
  if (grant !== undefined && scopes !== undefined) grant.scope = [...scopes];
  const { body } = await ask({ client_id, client_secret, audience: management() });
  return String(body["access_token"]);
}

export const call = async (method: string, path: string, body?: unknown): Promise<Answer> =>
  send(method, `/api/v2/${path}`, body, await managementToken());

export const API = { identifier: "https://a/", scopes: [{ value: "read" }, { value: "write" }] };
export const SERVICE = { name: "Job", app_type: "non_interactive", grant_types: ["client_credentials"] };

export async function made(path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const answer = await call("POST", path, body);
  expect(answer.status).toBe(201);
  return answer.body;
}

export const newClient = async (more: object = {}): Promise<string> =>
  String((await made("clients", { ...SERVICE, ...more }))["client_id"]);
const pem = (): string =>
  generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" }).toString();
export const key = (text = pem()): object => ({ credential_type: "public_key", pem: text });

export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there is none");
  return value;
}

/** A client with a grant on an API, and what it sends to the token endpoint. */
export async function granted(client: object = {}, grant: object = {}) {
  const { client_id, client_secret } = await made("clients", {
    ...{ ...SERVICE, token_endpoint_auth_method: "client_secret_post" },
    ...client,
  });
  await made("resource-servers", API);
  const { id } = await made("client-grants", { client_id, audience: API.identifier, scope: ["read"], ...grant });
  return {
    id: String(client_id),
    grant: String(id),
    parameters: { client_id, client_secret, audience: API.identifier },
  };
}
