import { Agent, fetch, type Response } from "undici";
import type { OrgOptions } from "../../../sandbox/okta/org.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";

/** Members that tests look at; which of them an answer has depends on what was asked. */
export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly priority: number;
  readonly description: string | null;
  readonly lastUpdated: string;
  readonly credentials: {
    readonly oauthClient: { readonly client_id: string; readonly client_secret?: string };
    readonly signing: { readonly rotationMode: string; readonly nextRotation?: string };
  };
  readonly conditions: {
    readonly clients: { readonly include: readonly string[] };
    readonly scopes: unknown;
    readonly network: unknown;
  };
  readonly client_secret: string;
  readonly client_name: string;
  readonly keys: readonly { readonly id: string }[];
  readonly extraFeature?: unknown;
  readonly issuer: string;
  readonly token_endpoint: string;
  readonly scopes_supported: readonly string[];
  readonly grant_types_supported: readonly string[];
  readonly _links: { readonly self: { readonly href: string } };
  readonly errorCode: string;
  readonly errorSummary: string;
  readonly errorCauses: readonly { readonly errorSummary: string }[];
  readonly error: string;
  readonly error_description: string;
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly apiToken: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Response["headers"];
  readonly text: string;
  readonly body: Shown;
  /** The body when it is a list; empty otherwise. */
  readonly list: readonly Shown[];
}

/** A running org, called as its API is called. */
export interface OpenOrg {
  readonly sandbox: Sandbox;
  readonly dispatcher: Agent;
  /** With the API token, unless the headers say otherwise. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** A form without the API token. */
  form(
    path: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

export async function openOrg(options: OrgOptions = {}): Promise<OpenOrg> {
  const sandbox = await startSandbox({ okta: options });
  const dispatcher = new Agent({ connect: { ca: sandbox.caPem } });
  const base = sandbox.auth0.url;
  const send = async (path: string, init: Parameters<typeof fetch>[1]): Promise<Answer> => {
    const answer = await fetch(path.startsWith("https:") ? path : base + path, { dispatcher, ...init });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json") === true && text !== "";
    const body: unknown = isJson ? JSON.parse(text) : {};
    const list = (Array.isArray(body) ? body : []) as readonly Shown[];
    return { status: answer.status, headers: answer.headers, text, body: body as Shown, list };
  };
  return {
    sandbox,
    dispatcher,
    call: (method, path, body, headers = {}) =>
      send(path, {
        method,
        headers: {
          authorization: `SSWS ${sandbox.okta.apiToken}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    form: (path, form, headers = {}) => send(path, { method: "POST", body: new URLSearchParams(form), headers }),
    close: async () => {
      await dispatcher.close();
      await sandbox.close();
    },
  };
}

export const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`;

export const serviceApp = (label: string, oauthClient: object = {}, settings: object = {}): object => ({
  label,
  signOnMode: "OPENID_CONNECT",
  name: "oidc_client",
  credentials: { oauthClient },
  settings: {
    oauthClient: {
      ...{ application_type: "service", grant_types: ["client_credentials"], response_types: ["token"] },
      ...settings,
    },
  },
});

export const policyFor = (name: string, ...include: readonly string[]): object => ({
  ...{ type: "OAUTH_AUTHORIZATION_POLICY", name, description: name, priority: 1, status: "ACTIVE" },
  conditions: { clients: { include } },
});

export const ruleFor = (name: string, scopes: readonly string[], minutes = 60): object => ({
  ...{ type: "RESOURCE_ACCESS", name, priority: 1, status: "ACTIVE" },
  conditions: {
    people: { groups: { include: ["EVERYONE"] }, users: { include: [] } },
    grantTypes: { include: ["client_credentials"] },
    scopes: { include: scopes },
  },
  actions: {
    token: { accessTokenLifetimeMinutes: minutes, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10080 },
  },
});

export interface Granted {
  readonly server: string;
  readonly policy: string;
  readonly rule: string;
  readonly app: string;
  readonly clientId: string;
  readonly secret: string;
  /** Path of the token endpoint. */
  readonly token: string;
}

/** A server with these scopes, an app, and a rule that gives the app all of them. */
export async function granted(org: OpenOrg, scopes: readonly (string | object)[] = ["read"]): Promise<Granted> {
  const { body: server } = await org.call("POST", "/api/v1/authorizationServers", {
    name: "api",
    audiences: ["api://x"],
  });
  const base = `/api/v1/authorizationServers/${server.id}`;
  const named = scopes.map((scope) => (typeof scope === "string" ? { name: scope } : (scope as { name: string })));
  for (const scope of named) await org.call("POST", `${base}/scopes`, scope);
  const { body: app } = await org.call("POST", "/api/v1/apps", serviceApp("worker"));
  const { client_id: clientId, client_secret: secret = "" } = app.credentials.oauthClient;
  const { body: policy } = await org.call("POST", `${base}/policies`, policyFor("worker", clientId));
  const names = named.map(({ name }) => name);
  const { body: rule } = await org.call("POST", `${base}/policies/${policy.id}/rules`, ruleFor("rule", names));
  return {
    ...{
      server: server.id,
      policy: policy.id,
      rule: rule.id,
      app: app.id,
      clientId,
      secret,
    },
    token: `/oauth2/${server.id}/v1/token`,
  };
}
