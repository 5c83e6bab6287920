import { temporaryFolder } from "../tools/temporary-folder.ts";
import { setTimeout as delay } from "node:timers/promises";
import { apply, type Document, type Environment, read, startEnvironment } from "../demo/environment.ts";
import { startWorkload, type Workload } from "../test/e2e/rotation/workload.ts";
import type { Row } from "./rows.ts";

const ROTATIONS = 10;
/** How late a kubelet is here; announce and overlap are longer, as they must be anywhere. */
const FILES_BEHIND_MS = 3000;
const ROTATION = { announce: "8s", overlap: "8s", waitForPods: "None", maxWait: "0s" };
/** Half a minute in which Auth0 takes one of two secrets at each moment, and nobody knows which. */
const AUTH0 = { secretPropagationMs: 30_000, secretPropagation: "either" } as const;

interface Case {
  readonly name: string;
  readonly subject: string;
  readonly vendor: "auth0" | "okta";
  readonly method: string;
  /** What the method changes to and from; absent: the credential alone changes. */
  readonly otherMethod?: string;
  readonly filesBehindMs: number | "env";
  readonly fallsBack: boolean;
  readonly rotations: number;
  /** Failed requests that are allowed; absent: any number, it is measured. */
  readonly bound?: { readonly metric: "failed_token_requests" | "failed_after_fresh_read"; readonly value: 0 };
}

const files = { filesBehindMs: FILES_BEHIND_MS, rotations: ROTATIONS };
const never = { bound: { metric: "failed_token_requests", value: 0 } } as const;
const KEY = "private_key_jwt";
const [POST, BASIC] = ["client_secret_post", "client_secret_basic"] as const;

const CASES: readonly Case[] = [
  {
    ...files,
    ...never,
    name: "okta-secret",
    subject: "Okta, secret; knows client_secret",
    vendor: "okta",
    method: BASIC,
    fallsBack: false,
  },
  {
    ...files,
    ...never,
    name: "okta-key",
    subject: "Okta, key; knows private_key",
    vendor: "okta",
    method: KEY,
    fallsBack: false,
  },
  {
    ...files,
    ...never,
    name: "auth0-key",
    subject: "Auth0, key; knows private_key",
    vendor: "auth0",
    method: KEY,
    fallsBack: false,
  },
  {
    ...files,
    ...never,
    name: "auth0-secret",
    subject: "Auth0, secret; tries next_, previous_",
    vendor: "auth0",
    method: POST,
    fallsBack: true,
  },
  {
    ...files,
    ...never,
    name: "auth0-method",
    subject: "Auth0, method; knows next_",
    vendor: "auth0",
    method: POST,
    otherMethod: KEY,
    fallsBack: true,
  },
  {
    ...files,
    ...never,
    name: "okta-method",
    subject: "Okta, method; knows next_",
    vendor: "okta",
    method: BASIC,
    otherMethod: KEY,
    fallsBack: true,
  },
  {
    ...files,
    ...{
      name: "auth0-plain",
      subject: "Auth0, secret; knows client_secret",
      vendor: "auth0",
      method: POST,
      fallsBack: false,
    },
    bound: { metric: "failed_after_fresh_read", value: 0 },
  },
  {
    name: "okta-env",
    subject: "Okta, secret; environment, never restarted",
    vendor: "okta",
    method: BASIC,
    fallsBack: false,
    filesBehindMs: "env",
    rotations: 1,
  },
  {
    name: "auth0-env",
    subject: "Auth0, secret; environment, never restarted",
    vendor: "auth0",
    method: POST,
    fallsBack: false,
    filesBehindMs: "env",
    rotations: 1,
  },
];

/** Workloads that ask for tokens without end, through ten rotations each: how many requests got none. */
export async function benchmarkRotation(say: (line: string) => void): Promise<readonly Row[]> {
  const environment = await startEnvironment(temporaryFolder("bench"), say);
  const { sandbox } = environment;
  Object.assign(sandbox.tenant.knobs, AUTH0);
  try {
    for (const document of providers(environment)) await apply(environment.connection, document);
    return (await Promise.all(CASES.map((one) => run(environment, one, say)))).flat();
  } finally {
    await environment.stop();
  }
}

function providers({ sandbox }: Environment): readonly Document[] {
  const provider = (name: string, spec: Record<string, unknown>): Document => ({
    ...document("ClusterIdentityProvider", name, {
      ...{ caBundle: sandbox.caPem, allow: [{ namespaces: { from: "All" } }], driftInterval: "1h" },
      ...{ rateLimit: { requestsPerMinute: 6000, burst: 200, sharePercent: 100 }, ...spec },
    }),
    metadata: { name },
  });
  return [
    provider("auth0", { auth0: { domain: sandbox.auth0.domain }, credentialsSecretRef: { name: "auth0-management" } }),
    provider("okta", { okta: { orgUrl: sandbox.okta.url }, credentialsSecretRef: { name: "okta-management" } }),
  ];
}

const document = (kind: string, name: string, spec: Record<string, unknown>): Document => ({
  ...{ apiVersion: "m2m-operator.io/v1alpha1", kind, metadata: { name, namespace: "default" }, spec },
});

const clientOf = ({ name, vendor }: Case, method: string, annotation?: string): Document => ({
  ...document("M2MClient", name, {
    providerRef: { kind: "ClusterIdentityProvider", name: vendor },
    ...{ authentication: { method }, rotation: ROTATION },
  }),
  metadata: {
    ...{ name, namespace: "default" },
    ...(annotation === undefined ? {} : { annotations: { "m2m-operator.io/rotate-requested-at": annotation } }),
  },
});

async function run(environment: Environment, one: Case, say: (line: string) => void): Promise<readonly Row[]> {
  const { connection, sandbox } = environment;
  const { name, vendor, method } = one;
  const providerRef = { kind: "ClusterIdentityProvider", name: vendor };
  const api = { providerRef, audience: `https://${name}.example.com/`, scopes: [{ name: "read" }] };
  await apply(connection, document("OAuthApi", name, api));
  await apply(connection, clientOf(one, method));
  const grant = document("ScopeGrant", name, { clientRef: { name }, apiRef: { name }, scopes: ["read"] });
  await apply(connection, grant);
  await until(async () => isReady(await read(connection, grant)), `${name} is Ready`);
  const secret: Document = { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "default" } };
  const { filesBehindMs, fallsBack } = one;
  const workload = startWorkload({
    read: async () => decoded(await read(connection, secret)),
    ...{ caPem: sandbox.caPem, filesBehindMs, fallsBack, everyMs: 200 },
  });
  for (let i = 1; i <= one.rotations; i++) {
    await rotateOnce(environment, one, i);
    const { failed, firstFailure = "" } = workload.count();
    say(`rotation: ${name} ${String(i)} of ${String(one.rotations)}, ${String(failed)} failed ${firstFailure}`);
  }
  return rowsOf(one, workload);
}

async function rotateOnce({ connection }: Environment, one: Case, round: number): Promise<void> {
  const { method, otherMethod = method } = one;
  const client = clientOf(
    one,
    round % 2 === 1 ? otherMethod : method,
    one.otherMethod === undefined ? `round ${String(round)}` : undefined,
  );
  const before = currentOf(await read(connection, client));
  await apply(connection, client);
  await until(async () => {
    const all = credentialsOf(await read(connection, client));
    return all.length === 1 && all[0]?.id !== before;
  }, `${one.name} has rotated`);
}

async function rowsOf({ subject, bound, rotations, filesBehindMs }: Case, workload: Workload): Promise<readonly Row[]> {
  const { requests, failed, failedForGood } = await workload.stop();
  const row = (metric: string, value: number, unit: string): Row => ({
    ...{ benchmark: "rotation", subject, metric, value, unit },
    ...(bound?.metric === metric ? { bound: bound.value } : {}),
  });
  return [
    row("rotations", rotations, ""),
    row("token_requests", requests, ""),
    row("failed_token_requests", failed, ""),
    ...(filesBehindMs === "env" ? [] : [row("failed_after_fresh_read", failedForGood, "")]),
  ];
}

type Status = {
  readonly credentials?: readonly { readonly id: string; readonly state: string }[];
} & Document["status"];

const credentialsOf = (client: Document | undefined) => (client?.status as Status | undefined)?.credentials ?? [];
const currentOf = (client: Document | undefined) => credentialsOf(client).find(({ state }) => state === "Current")?.id;
const isReady = (document: Document | undefined): boolean =>
  document?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";

function decoded(secret: Document | undefined): Readonly<Record<string, string>> | undefined {
  if (secret?.data === undefined) return undefined;
  const entries = Object.entries(secret.data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
  return Object.fromEntries(entries) as Record<string, string>;
}

async function until(isReached: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 5 * 60_000;
  while (!(await isReached())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await delay(200);
  }
}
