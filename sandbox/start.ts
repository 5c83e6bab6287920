import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import formbody from "@fastify/formbody";
import fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import { administer } from "./admin.ts";
import { Auth0Error } from "./auth0/errors.ts";
import { answer, type Incoming } from "./auth0/routes.ts";
import { createTenant, type Tenant, type TenantOptions } from "./auth0/tenant.ts";
import { type CallLog, createCallLog } from "./call-log.ts";
import { mintCertificate } from "./certificates.ts";
import { createFaults, type Fault, type Faults } from "./faults.ts";
import { OktaError } from "./okta/errors.ts";
import { createOrg, type Org, type OrgOptions } from "./okta/org.ts";
import { answerOkta } from "./okta/routes.ts";

export interface SandboxOptions {
  /** Where ca.pem and sandbox.json are written; nowhere when absent. */
  readonly dir?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly auth0?: TenantOptions;
  readonly okta?: OrgOptions;
}

export interface Sandbox {
  readonly auth0: {
    readonly url: string;
    readonly domain: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  readonly okta: { readonly url: string; readonly apiToken: string };
  readonly admin: { readonly url: string };
  readonly caPem: string;
  /** Direct handles for code in the same process. */
  readonly tenant: Tenant;
  readonly org: Org;
  readonly calls: CallLog;
  readonly faults: Faults;
  close(): Promise<void>;
}

/** Starts the simulated tenants on https://localhost, with an authority of their own. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const certificate = await mintCertificate(["localhost"]);
  const app = fastify({
    https: { key: certificate.keyPem, cert: certificate.certificatePem },
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4096 },
  });
  await app.register(formbody);
  const calls = createCallLog();
  const faults = createFaults();
  const parts: { tenants: { auth0: Tenant; okta: Org } | undefined } = { tenants: undefined };
  app.all("/*", async (request, reply) => {
    if (parts.tenants === undefined) return reply.code(503).send();
    return handle({ ...parts.tenants, calls, faults }, request, reply);
  });
  await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  const { port } = app.server.address() as AddressInfo;
  // The same server by its address: a second host, as a custom domain is.
  const customDomain = `127.0.0.1:${String(port)}`;
  const tenant = await createTenant(`localhost:${String(port)}`, { customDomain, ...options.auth0 });
  const org = await createOrg(`localhost:${String(port)}`, options.okta);
  parts.tenants = { auth0: tenant, okta: org };
  const sandbox: Sandbox = {
    auth0: { url: `https://${tenant.domain}`, domain: tenant.domain, ...tenant.operator },
    okta: { url: org.url, apiToken: org.apiToken },
    admin: { url: `https://${tenant.domain}/_sandbox` },
    caPem: certificate.caPem,
    tenant,
    org,
    calls,
    faults,
    close: () => app.close(),
  };
  if (options.dir !== undefined) writeAccess(options.dir, sandbox);
  return sandbox;
}

function writeAccess(dir: string, { auth0, okta, admin, caPem }: Sandbox): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, "ca.pem"), caPem);
  writeFileSync(join(dir, "sandbox.json"), JSON.stringify({ auth0, okta, admin }, null, 2), { mode: 0o600 });
}

type Parts = { readonly auth0: Tenant; readonly okta: Org; readonly calls: CallLog; readonly faults: Faults };

async function handle(parts: Parts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const [path = "/"] = (request.raw.url ?? "/").split("?", 1);
  const { method, body } = request;
  const query = request.query as Incoming["query"];
  if (path.startsWith("/_sandbox/")) {
    const admin = administer(parts, { method, path, query, body });
    return reply.code(admin?.status ?? 404).send(admin?.body);
  }
  return serve(parts, request, reply, { method, path, query, body });
}

/** Of either vendor; a header may occur more than once. */
interface AnyOutgoing {
  readonly status: number;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tokenClient?: string;
}

/** Paths tell the vendors apart, so that one server can be both. */
const vendorOf = (path: string): "auth0" | "okta" =>
  path.startsWith("/api/v1/") || path.startsWith("/oauth2/") || path === "/.well-known/okta-organization"
    ? "okta"
    : "auth0";

async function serve(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  call: Pick<Incoming, "method" | "path" | "query" | "body">,
): Promise<unknown> {
  const { method, path } = call;
  const nowMs = Date.now();
  const { authorization, host = "" } = request.headers;
  const incoming: Incoming = { ...call, authorization, nowMs, host };
  const vendor = vendorOf(path);
  const effect = parts.faults.match(vendor, method, path);
  await pause((effect?.latencyMs ?? 0) + (path.startsWith("/api/") ? parts[vendor].knobs.latencyMs : 0));
  const outgoing = await respond(() => safely(parts, vendor, incoming), effect);
  parts.calls.add({
    at: new Date(nowMs).toISOString(),
    tenant: vendor,
    method,
    path,
    status: outgoing === "dropped" ? 0 : outgoing.status,
    tokenClient: outgoing === "dropped" ? undefined : outgoing.tokenClient,
  });
  if (outgoing === "dropped") {
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  reply.code(outgoing.status).headers(outgoing.headers as Record<string, string>);
  return outgoing.status === 204 ? reply.send() : reply.send(outgoing.body);
}

/** What the caller gets, a fault taken into account. */
async function respond(
  handled: () => Promise<AnyOutgoing>,
  effect: Fault["effect"] | undefined,
): Promise<AnyOutgoing | "dropped"> {
  if (effect?.drop === "before") return "dropped";
  const isReplaced = effect?.status !== undefined;
  const real = isReplaced && effect.commit !== true ? undefined : await handled();
  if (effect?.drop === "after") return "dropped";
  if (isReplaced) return { status: effect.status ?? 500, body: effect.body, headers: effect.headers ?? {} };
  return real ?? { status: 500, headers: {} };
}

async function safely({ auth0, okta }: Parts, vendor: "auth0" | "okta", incoming: Incoming): Promise<AnyOutgoing> {
  try {
    return vendor === "okta" ? await answerOkta(okta, incoming) : await answer(auth0, incoming);
  } catch (error) {
    if (error instanceof Auth0Error || error instanceof OktaError)
      return { status: error.status, body: error.body, headers: error.headers };
    throw error;
  }
}

const pause = (ms: number): Promise<void> =>
  ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
