import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { makeKeyPair } from "../../src/kinds/m2m-client/credential/key-pair.ts";
import { publicKeyOf } from "../../src/kinds/m2m-client/credential/public-key.ts";
import type { Fetch } from "../../src/ports/http-transport.ts";
import type { Provider } from "../../src/ports/provider.ts";
import type { RightAnswer } from "./bad-answers.ts";
import { connected, transportTo } from "./connected.ts";
import { apiSpec, AUDIENCE, JOB, MARK, ORGANIZATION, type Present, type Vendor } from "./ways.ts";

/** A tenant whose adapters can be given other answers than it gave. */
export interface Tenant {
  readonly present: Present;
  /** An adapter that knows nothing yet; `by` stands between it and the tenant. */
  readonly connect: (by?: (fetch: Fetch) => Fetch) => Promise<Provider>;
  /** Puts back what the tenant held at first. */
  readonly restore: () => void;
}

/** What came of one request whose answer was replaced. */
export interface Outcome {
  readonly is: "awaited" | "skipped" | "replaced";
  /** What the adapter returned; `undefined` where it threw. */
  readonly value: unknown;
  readonly error: unknown;
  /** What was written after the replaced answer. */
  readonly written: readonly string[];
}

/** A tenant with something of everything in it, and adapters whose answers can be replaced on the way. */
export async function tenantOf(vendor: Vendor): Promise<Tenant> {
  const sandbox = await startSandbox();
  const { auth0, okta } = sandbox;
  sandbox.tenant.state.organizations.set(ORGANIZATION, { id: ORGANIZATION, name: "acme", display_name: "Acme" });
  const transport = await transportTo(vendor, sandbox, "unpaced");
  const connect = async (by: (fetch: Fetch) => Fetch = (fetch) => fetch): Promise<Provider> => {
    const [variant, credentials] =
      vendor === "auth0"
        ? [{ domain: auth0.domain }, { client_id: auth0.clientId, client_secret: auth0.clientSecret }]
        : [{ orgUrl: okta.url }, { api_token: okta.apiToken }];
    return connected(vendor, sandbox, variant, credentials, { fetch: by(transport) });
  };
  const provider = await connect();
  const api = await provider.apis.create(apiSpec(AUDIENCE), MARK);
  const { client } = await provider.clients.create(JOB, MARK);
  const grant = await provider.grants.create({ client: client.ref, api, scopes: ["a"] });
  const pair = await makeKeyPair("RS256");
  const key = { ...publicKeyOf(pair.privateKey), algorithm: "RS256" };
  return { connect, restore: snapshotOf(sandbox), present: { sandbox, api, client, grant, key } };
}

const isSent = (route: string, input: string | URL | Request, init: RequestInit = {}): boolean =>
  (init.method ?? "GET") === route.split(" ")[0] && patternOf(route).test(new URL(new Request(input).url).pathname);

export function kindOf(route: string): RightAnswer["kind"] {
  if (route.startsWith("DELETE ")) return "nothing";
  if (route.includes("/lifecycle/")) return "any";
  return route.startsWith("GET ") && !route.endsWith("}") ? "list" : "object";
}

/** What the tenant holds now, to be put back later. */
export function snapshotOf({ tenant: { state: auth0 }, org: { state: okta } }: Sandbox): () => void {
  const [ofAuth0, ofOkta] = [structuredClone(auth0), structuredClone(okta)];
  return () => {
    Object.assign(auth0, structuredClone(ofAuth0));
    Object.assign(okta, structuredClone(ofOkta));
  };
}

const patternOf = (route: string): RegExp =>
  new RegExp(`^${(route.split(" ")[1] ?? "").replace(/\{\w+\}/g, "[^/]+")}$`);

/** Carries the request out and replaces its first answer by what `from` makes of it. */
export async function replacing(
  connect: Tenant["connect"],
  route: string,
  way: (provider: Provider) => Promise<unknown>,
  from: (right: RightAnswer) => Response | undefined,
): Promise<Outcome> {
  const written: string[] = [];
  let is: Outcome["is"] = "awaited";
  const provider = await connect((fetch) => async (input, init) => {
    const { method = "GET" } = init ?? {};
    const { pathname } = new URL(new Request(input).url);
    if (is === "replaced" && method !== "GET" && /^\/(api|admin)\//.test(pathname))
      written.push(`${method} ${pathname}`);
    const response = await fetch(input, init);
    if (is !== "awaited" || !isSent(route, input, init)) return response;
    const text = await response.clone().text();
    const kind = kindOf(route);
    // Some tenants answer what was written with a status alone.
    const bad = from({ text, kind: kind === "object" && text === "" ? "nothing" : kind });
    is = bad === undefined ? "skipped" : "replaced";
    return bad ?? response;
  });
  const [value, error] = await way(provider).then(
    (returned): [unknown, unknown] => [returned, undefined],
    (thrown: unknown): [unknown, unknown] => [undefined, thrown],
  );
  return { is, value, error, written };
}
