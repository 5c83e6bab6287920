import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createRemoteJWKSet, customFetch, jwtVerify, type JWTPayload } from "jose";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { AnyObject } from "../../integration/cluster.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";

const LONG = 300_000;
const EXAMPLES = join(import.meta.dirname, "../../../deploy/examples");
const VENDORS = ["auth0", "okta", "keycloak"] as const;

type Vendor = (typeof VENDORS)[number];

interface Manifest extends AnyObject {
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Without the namespace, which is another one for each vendor. */
const MANIFESTS = parseAllDocuments(readFileSync(join(EXAMPLES, "timesheets.yaml"), "utf8"))
  .map((document) => document.toJS() as Manifest)
  .filter(({ kind }) => kind !== "Namespace");

describeKeycloak(() => {
  let world: RealmWorld;
  let dir: string;
  const namespaces = new Map<Vendor, string>();

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "m2m-three-vendors-"));
    world = await createRealmWorld();
    const { auth0, okta } = world.sandbox;
    await world.stopOperator();
    // Both simulated tenants are one server.
    const hosts = [new URL(keycloak().url).host, auth0.domain].join(",");
    // This process also does the work of a workload and of two tenants, for which a Lease does not wait.
    await world.startOperator("--allowed-hosts", hosts, "--leader-election", "false");
    const credentials = { client_id: auth0.clientId, client_secret: auth0.clientSecret };
    await addProvider("auth0", { auth0: { domain: auth0.domain } }, credentials);
    await addProvider("okta", { okta: { orgUrl: okta.url } }, { api_token: okta.apiToken });
  }, LONG);
  afterAll(async () => {
    await world.end();
    rmSync(dir, { recursive: true, force: true });
  }, LONG);

  const providerOf = (vendor: Vendor): string =>
    vendor === "keycloak" ? world.provider : `${world.provider}-${vendor}`;

  const caOf = (vendor: Vendor): string => (vendor === "keycloak" ? keycloak().caPem : world.sandbox.caPem);

  /** Beside the realm, which the world has already. */
  const addProvider = async (vendor: Vendor, tenant: object, stringData: object): Promise<void> => {
    const name = providerOf(vendor);
    await world.cluster.apply({
      ...{ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: world.systemNamespace } },
      stringData,
    });
    const spec = {
      ...tenant,
      ...{ credentialsSecretRef: { name }, caBundle: world.sandbox.caPem, allow: [{ namespaces: { from: "All" } }] },
    };
    await world.cluster.apply(world.resource("ClusterIdentityProvider", "", name, spec));
  };

  /** The file's manifests, with no change but the namespace and the provider. */
  const apply = async (vendor: Vendor): Promise<void> => {
    const namespace = await world.namespace();
    namespaces.set(vendor, namespace);
    const providerRef = { kind: "ClusterIdentityProvider", name: providerOf(vendor) };
    for (const { kind, metadata, spec } of MANIFESTS) {
      const wanted = kind === "ScopeGrant" ? spec : { ...spec, providerRef };
      await world.cluster.apply(world.resource(kind, namespace, metadata.name, wanted));
    }
  };

  /** The example's program, which knows nothing but a folder with the values of the Secret, and whom to trust. */
  const runImporter = async (vendor: Vendor): Promise<string> => {
    const namespace = namespaces.get(vendor) ?? "";
    const [caFile, tokenFile] = [join(dir, `${vendor}.pem`), join(dir, `${vendor}-token`)];
    writeFileSync(caFile, caOf(vendor));
    const mounted = mkdtempSync(join(dir, "mounted-"));
    for (const [key, value] of Object.entries(
      (await world.cluster.secret(namespace, "timesheet-importer-oauth")) ?? {},
    ))
      writeFileSync(join(mounted, key), value, { mode: 0o600 });
    await promisify(execFile)(process.execPath, [join(EXAMPLES, "importer.ts"), mounted, tokenFile], {
      env: { NODE_EXTRA_CA_CERTS: caFile },
    });
    return readFileSync(tokenFile, "utf8");
  };

  /** As the API does that knows nothing but its ConfigMap. */
  const claimsOf = async (vendor: Vendor, token: string): Promise<JWTPayload> => {
    const namespace = namespaces.get(vendor) ?? "";
    const config = await world.cluster.get("ConfigMap", namespace, "timesheets-oauth");
    const { issuer = "", audience = "", jwks_uri = "" } = config?.data ?? {};
    const dispatcher = new Agent({ connect: { ca: caOf(vendor) } });
    const keys = createRemoteJWKSet(new URL(jwks_uri), {
      [customFetch]: ((url: string, init: object) =>
        fetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch,
    });
    try {
      return (await jwtVerify(token, keys, { issuer, audience, algorithms: ["RS256"] })).payload;
    } finally {
      await dispatcher.close();
    }
  };

  /** RFC 9068 says `scope`. Okta has a list of its own. */
  const scopesIn = ({ scope, scp }: JWTPayload): readonly unknown[] => (Array.isArray(scp) ? scp : [scope]);

  it(
    "the same manifests are Ready at all three at once, and the same program gets a token with each Secret",
    async () => {
      await Promise.all(VENDORS.map(apply));
      for (const vendor of VENDORS)
        for (const { kind, metadata } of MANIFESTS)
          await world.ready(kind, namespaces.get(vendor) ?? "", metadata.name);
      const issuers = new Set<unknown>();
      for (const vendor of VENDORS) {
        const claims = await claimsOf(vendor, await runImporter(vendor));
        expect(scopesIn(claims), vendor).toEqual(["batch:upload"]);
        expect([claims.aud].flat(), vendor).toEqual(["https://api.example.com/timesheets"]);
        expect((claims.exp ?? 0) - (claims.iat ?? 0), vendor).toBe(3600);
        issuers.add(claims.iss);
      }
      expect(issuers.size).toBe(VENDORS.length);
    },
    LONG,
  );

  it(
    "and nothing is left at any of them",
    async () => {
      for (const vendor of VENDORS)
        for (const { kind, metadata } of MANIFESTS.toReversed()) {
          await world.cluster.remove(kind, namespaces.get(vendor) ?? "", metadata.name);
          await world.gone(kind, namespaces.get(vendor) ?? "", metadata.name);
        }
      for (const vendor of VENDORS.filter((name) => name !== "keycloak")) {
        await world.cluster.remove("ClusterIdentityProvider", "", providerOf(vendor));
        await world.gone("ClusterIdentityProvider", "", providerOf(vendor));
      }
      expect([await world.realm.clients(), await world.realm.scopes()]).toEqual([[], []]);
      const { org, tenant } = world.sandbox;
      const audience = "https://api.example.com/timesheets";
      expect([...tenant.state.resourceServers.values()].map(({ identifier }) => identifier)).not.toContain(audience);
      expect([...org.state.servers.values()].flatMap(({ audiences }) => audiences)).not.toContain(audience);
    },
    LONG,
  );
});
