import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createTenant, type Tenant, type TenantOptions } from "./auth0/tenant.ts";
import { type CallLog, createCallLog } from "./call-log.ts";
import { mintCertificate } from "./certificates.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createHttpServer } from "./http-server.ts";
import type { Operator } from "./okta/operator.ts";
import { createOrg, type Org, type OrgOptions } from "./okta/org.ts";
import { createOutage } from "./outage.ts";
import { createPast } from "./past.ts";
import { handle } from "./serve.ts";

export interface SandboxOptions {
  /** Where ca.pem and sandbox.json are written; nowhere when absent. */
  readonly dir?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Name of the host in URLs and in the certificate. Default: localhost. */
  readonly host?: string;
  /** Address to listen at. Default: 127.0.0.1. */
  readonly listen?: string;
  readonly auth0?: TenantOptions;
  readonly okta?: OrgOptions;
}

/** How to call the org's API: by its API token, or as an app that signs (RS256, or ES256 with `ec`). */
export interface OktaAccess extends Operator {
  readonly url: string;
  readonly apiToken: string;
  /** Second host of the org, with its port. */
  readonly customDomain: string | undefined;
}

export interface Sandbox {
  readonly auth0: {
    readonly url: string;
    readonly domain: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  readonly okta: OktaAccess;
  readonly admin: { readonly url: string };
  readonly caPem: string;
  /** Direct handles for code in the same process. */
  readonly tenant: Tenant;
  readonly org: Org;
  readonly calls: CallLog;
  readonly faults: Faults;
  close(): Promise<void>;
}

/** Starts the simulated tenants, by default on https://localhost, with an authority of their own. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = "localhost" } = options;
  const certificate = await mintCertificate([...new Set(["localhost", host])]);
  const app = await createHttpServer(certificate);
  const calls = createCallLog();
  const faults = createFaults();
  const outage = createOutage(app.server);
  const past = createPast();
  const parts: { tenants: { auth0: Tenant; okta: Org } | undefined } = { tenants: undefined };
  app.all("/*", async (request, reply) => {
    if (parts.tenants === undefined) return reply.code(503).send();
    return handle({ ...parts.tenants, calls, faults, past, refuse: outage.begin }, request, reply);
  });
  await app.listen({ host: options.listen ?? "127.0.0.1", port: options.port ?? 0 });
  const { port } = app.server.address() as AddressInfo;
  // The same server by its address: a second host, as a custom domain is.
  const customDomain = `127.0.0.1:${String(port)}`;
  const tenant = await createTenant(`${host}:${String(port)}`, { customDomain, ...options.auth0 });
  const org = await createOrg(`${host}:${String(port)}`, { customDomain, ...options.okta });
  parts.tenants = { auth0: tenant, okta: org };
  const sandbox: Sandbox = {
    auth0: { url: `https://${tenant.domain}`, domain: tenant.domain, ...tenant.operator },
    okta: { url: org.url, apiToken: org.apiToken, customDomain: org.customDomain, ...org.operator },
    admin: { url: `https://${tenant.domain}/_sandbox` },
    caPem: certificate.caPem,
    tenant,
    org,
    calls,
    faults,
    close: async () => {
      await outage.over();
      await app.close();
    },
  };
  if (options.dir !== undefined) writeAccess(options.dir, sandbox);
  return sandbox;
}

function writeAccess(dir: string, { auth0, okta, admin, caPem }: Sandbox): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, "ca.pem"), caPem);
  const file = join(dir, "sandbox.json");
  writeFileSync(file, JSON.stringify({ auth0, okta, admin }, null, 2), { mode: 0o600 });
  // A file that was there keeps its mode.
  chmodSync(file, 0o600);
}
