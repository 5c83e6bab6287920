import { temporaryFolder } from "../tools/temporary-folder.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stringify } from "yaml";
import { apply, type Document, type Environment, read, secretDocument, startEnvironment } from "../demo/environment.ts";
import { GROUP, VERSION } from "../src/kinds/registry.ts";

/**
 * Writes the objects on which the scripts for Argo CD are tried: as a real API server held them while the operator
 * worked against simulated tenants. Nothing in them is made up; run it again when status changes its shape.
 */
const NAMESPACE = "payroll";
const root = join(import.meta.dirname, "..");
const environment = await startEnvironment(temporaryFolder("record"), (line) => {
  console.log(line);
});
const { connection, sandbox } = environment;

const object = (
  kind: string,
  name: string,
  spec: object,
  annotations?: Readonly<Record<string, string>>,
): Document => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind,
  metadata: {
    name,
    ...(kind === "ClusterIdentityProvider" ? {} : { namespace: NAMESPACE }),
    ...(annotations === undefined ? {} : { annotations }),
  },
  spec: spec as Record<string, unknown>,
});

type Told = Document & {
  readonly metadata: Document["metadata"] & { readonly generation?: number; managedFields?: unknown };
  readonly status?: { readonly observedGeneration?: number };
};

/** Waits until the object's status is what is to be recorded, and writes it. */
async function record(document: Document, name: string, isReached: (told: Told) => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const told = (await read(connection, document)) as Told | undefined;
    if (told !== undefined && isReached(told)) {
      const { managedFields: _managedFields, ...metadata } = told.metadata;
      const folder = join(root, "deploy/argocd", GROUP, document.kind, "testdata");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.yaml`), stringify({ ...told, metadata }, { lineWidth: 0 }));
      console.log(`${document.kind} ${name}`);
      return;
    }
    if (Date.now() > deadline) throw new Error(`${document.kind} ${name}: ${JSON.stringify(told?.status)}`);
    await delay(50);
  }
}

const conditionIs = (type: string) => (told: Told) =>
  told.status?.observedGeneration === told.metadata.generation &&
  told.status?.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;
const isPaused = (told: Told): boolean => told.status?.conditions?.some(({ reason }) => reason === "Paused") === true;

const tenant = { auth0: { domain: sandbox.auth0.domain }, caBundle: sandbox.caPem };
const ANYBODY = [{ namespaces: { from: "All" } }];
const provider = (name: string, secret: string, annotations?: Readonly<Record<string, string>>): Document =>
  object(
    "ClusterIdentityProvider",
    name,
    { ...tenant, credentialsSecretRef: { name: secret }, allow: ANYBODY },
    annotations,
  );
const own = (name: string, secret: string, annotations?: Readonly<Record<string, string>>): Document =>
  object("IdentityProvider", name, { ...tenant, credentialsSecretRef: { name: secret } }, annotations);
const api = (name: string, spec: object = {}, annotations?: Readonly<Record<string, string>>): Document =>
  object(
    "OAuthApi",
    name,
    { audience: `https://api.example.com/${name}`, scopes: [{ name: "read:hours" }], ...spec },
    annotations,
  );
const grant = (name: string, spec: object = {}, annotations?: Readonly<Record<string, string>>): Document =>
  object(
    "ScopeGrant",
    name,
    { clientRef: { name: "importer" }, apiRef: { name: "timesheets" }, scopes: ["read:hours"], ...spec },
    annotations,
  );

const PAUSED = { [`${GROUP}/paused`]: "true" };
const ELSEWHERE = { providerRef: { kind: "IdentityProvider", name: "later" } };

await apply(connection, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
const credentials = { client_id: sandbox.auth0.clientId, client_secret: sandbox.auth0.clientSecret };
await apply(connection, secretDocument(NAMESPACE, "tenant", credentials));
await apply(connection, secretDocument("m2m-system", "refused", { ...credentials, client_secret: "not-a-secret" }));
await apply(connection, secretDocument(NAMESPACE, "taken", { somebody: "else" }));

/** What one object of each kind looks like in one state. */
async function recordAll(
  documents: readonly Document[],
  name: string,
  isReached: (told: Told) => boolean,
): Promise<void> {
  for (const document of documents) await apply(connection, document);
  for (const document of documents) await record(document, name, isReached);
}

const good = [
  provider("default", "auth0-management"),
  own("own", "tenant"),
  api("timesheets"),
  object("M2MClient", "importer", {}),
  grant("importer-reads"),
];
await recordAll(good, "healthy", conditionIs("Ready"));
await recordAll(
  [
    provider("refused", "refused"),
    own("without-secret", "missing"),
    api("unsupported", { okta: { issuerMode: "CustomUrl" } }),
    object("M2MClient", "name-taken", { secret: { name: "taken" } }),
    grant("lifetime", { tokenLifetime: "1h" }),
  ],
  "stalled",
  conditionIs("Stalled"),
);
await recordAll(
  [api("waits", ELSEWHERE), object("M2MClient", "waits", ELSEWHERE), grant("waits", { apiRef: { name: "missing" } })],
  "waiting",
  conditionIs("Reconciling"),
);
await recordAll(
  [
    provider("default", "auth0-management", PAUSED),
    own("own", "tenant", PAUSED),
    api("timesheets", {}, PAUSED),
    object("M2MClient", "importer", {}, PAUSED),
    grant("importer-reads", {}, PAUSED),
  ],
  "paused",
  isPaused,
);
await stopOperator(environment);
await recordAll(
  [
    api("waits", { ...ELSEWHERE, displayName: "Changed" }),
    object("M2MClient", "waits", { ...ELSEWHERE, displayName: "Changed" }),
    grant("waits", { apiRef: { name: "missing" }, scopes: ["write:hours"] }),
    own("without-secret", "other"),
  ],
  "changed",
  ({ metadata, status }) =>
    status?.observedGeneration !== undefined && status.observedGeneration !== metadata.generation,
);
await recordAll(
  [provider("new", "auth0-management"), own("new", "tenant"), api("new"), object("M2MClient", "new", {}), grant("new")],
  "new",
  ({ status }) => status === undefined,
);
await environment.stop();
process.exit(0);

/** What is applied from here on is seen by nobody. */
async function stopOperator({ operator: { pid } }: Environment): Promise<void> {
  process.kill(pid, "SIGTERM");
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(50);
  }
}
