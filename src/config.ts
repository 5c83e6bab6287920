import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type ListenAddress, parseListenAddress } from "./telemetry/listen-address.ts";

/** One setting: its flag is `--name`, its environment variable `M2M_NAME` in capitals with underscores. */
interface Setting {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly what: string;
  /** What applies when it is not set, where the schema does not say it. */
  readonly unset?: string;
  readonly example: string;
}

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const listenAddress = (text: string, context: z.RefinementCtx): ListenAddress => {
  const address = parseListenAddress(text);
  if (address !== undefined) return address;
  context.addIssue({ code: "custom", message: "must be host:port, [IPv6]:port or :port" });
  return z.NEVER;
};
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const SETTINGS = {
  instanceId: {
    name: "instance-id",
    schema: z.string().regex(/^[a-z0-9-]{1,32}$/),
    what: "ID of this installation in the marks on remote objects. Required. Never change it: two installations with the same ID overwrite each other, and with a new ID the operator no longer recognises what it created.",
    unset: "none: it is required",
    example: "prod-eu-1",
  },
  namespace: {
    name: "namespace",
    schema: z.string().min(1).default(ownNamespace),
    what: "The operator's own namespace. It contains the Leases and the credentials of ClusterIdentityProviders.",
    unset: "the namespace where it runs, or `m2m-system`",
    example: "m2m-system",
  },
  watchNamespaces: {
    name: "watch-namespaces",
    schema: list.default([]),
    what: "Namespaces whose resources the operator reconciles, comma-separated. It reads nothing outside them and its own namespace.",
    unset: "all",
    example: "payroll,billing",
  },
  clusterProviders: {
    name: "cluster-providers",
    schema: flag.optional(),
    what: "Whether the operator reconciles ClusterIdentityProviders. Only one operator in a cluster may.",
    unset: "`true`, or `false` with `--watch-namespaces`",
    example: "true",
  },
  kubeconfig: {
    name: "kubeconfig",
    schema: z.string().min(1).optional(),
    what: "Kubeconfig file.",
    unset: "the cluster where it runs, or `KUBECONFIG`, or the user's own file",
    example: "/etc/kubeconfig",
  },
  serviceAccountTokens: {
    name: "service-account-tokens",
    schema: z.string().min(1).optional(),
    what: "Directory with tokens of the operator's own service account, one file for each audience, as in a projected volume. A ClusterIdentityProvider without `credentialsSecretRef` uses the token whose only audience is the issuer of its tenant. The operator reads the files again for every token request.",
    unset: "none: every provider needs a Secret",
    example: "/var/run/secrets/m2m-operator/tokens",
  },
  httpAddress: {
    name: "http-address",
    schema: z.string().default(":8080").transform(listenAddress),
    what: "Address that serves /metrics, /healthz and /readyz: `host:port`, with an IPv6 address in brackets. Without a host, the operator listens on every IPv4 and IPv6 address. Port 0 selects a free port.",
    unset: "`:8080`",
    example: "[::1]:8080",
  },
  metricsAccess: {
    name: "metrics-access",
    schema: z.enum(["anybody", "authorized"]).default("anybody"),
    what: "Who may read /metrics. `anybody`: everybody who can reach it. `authorized`: clients with a bearer token whose owner may `get` the non-resource URL `/metrics`. `authorized` needs permission to create TokenReviews and SubjectAccessReviews.",
    unset: "`anybody` (the chart sets `authorized`)",
    example: "authorized",
  },
  logLevel: {
    name: "log-level",
    schema: z.enum(["debug", "info", "warn", "error"]).default("info"),
    what: "Lowest level of log messages that the operator writes.",
    example: "debug",
  },
  concurrency: {
    name: "concurrency",
    schema: whole(1, 256).default(64),
    what: "Number of objects that each shard reconciles at the same time.",
    example: "64",
  },
  leaderElection: {
    name: "leader-election",
    schema: flag.default(true),
    what: "Whether the operator uses Leases, so that only one process works on a tenant.",
    example: "true",
  },
  leaseName: {
    name: "lease-name",
    schema: z.string().min(1).default("m2m-operator"),
    what: "Name of the Lease. The names of the Leases of further shards and of replicas start with it.",
    example: "m2m-operator",
  },
  shards: {
    name: "shards",
    schema: whole(1, 64).default(1),
    what: "Number of shards that the tenants are divided into. Each shard has its own Lease, so that several replicas work at the same time and only one calls each tenant. Every replica needs the same number. With 1, one replica works and the others stand by. More than 1 needs `--leader-election`.",
    example: "6",
  },
  allowedHosts: {
    name: "allowed-hosts",
    schema: list.default([]),
    what: "Further hosts that the operator may send credentials to, beside those of each provider's own cloud. Comma-separated, with :port unless it is 443, or with :* for every port.",
    unset: "none",
    example: "login.acme.com,*.acme.com",
  },
  allowPrivateAddresses: {
    name: "allow-private-addresses",
    schema: flag.default(false),
    what: "Whether tenants may have private, loopback or link-local addresses.",
    example: "false",
  },
  httpsProxy: {
    name: "https-proxy",
    schema: z.url().optional(),
    what: "Proxy for requests to tenants.",
    unset: "`HTTPS_PROXY` of the environment",
    example: "http://proxy.acme.com:3128",
  },
  noProxy: {
    name: "no-proxy",
    schema: z.string().optional(),
    what: "Hosts that the operator reaches without the proxy.",
    unset: "`NO_PROXY` of the environment",
    example: ".acme.com",
  },
  providerTimeoutMs: {
    name: "provider-timeout-ms",
    schema: whole(100, 120_000).default(15_000),
    what: "Maximum time of one request to a tenant, in milliseconds.",
    example: "15000",
  },
  maxAnswerBytes: {
    name: "max-answer-bytes",
    schema: whole(65_536, 67_108_864).default(2_097_152),
    what: "Maximum size of a tenant's response, in bytes after decompression. A response may have one value for every eight of these bytes. If a page of a list is larger, the operator reads smaller pages. Increase this setting if a single object is larger.",
    unset: "`2097152` (2 MiB)",
    example: "4194304",
  },
  settleMs: {
    name: "settle-ms",
    schema: whole(0, 60_000).default(5000),
    what: "Time that a tenant may need to show the result of a create request whose outcome is unknown, in milliseconds after the timeout.",
    example: "5000",
  },
  orphanAfterMs: {
    name: "orphan-after-ms",
    schema: whole(0, 86_400_000).default(600_000),
    what: "Time that a deletion waits for a tenant that the operator cannot use, in milliseconds. After that, the deletion ends, and the Event `Orphaned` names the object that stays at the tenant.",
    example: "600000",
  },
  recover: {
    name: "recover",
    schema: flag.default(false),
    what: "Whether the operator manages what earlier resources of the same kind, namespace and name created with this instance ID. Use it after a rebuild of the cluster. Where a tenant cannot mark APIs, the operator identifies them by their audience. Turn it off once every resource is Ready.",
    example: "true",
  },
  maxRevocations: {
    name: "max-revocations",
    schema: whole(0, 100_000).default(20),
    what: "Maximum number of grants that one withdrawal of consent, or the deletion of one OAuthApi, deletes without confirmation by annotation.",
    example: "20",
  },
  podAwareness: {
    name: "pod-awareness",
    schema: flag.default(true),
    what: "Whether the operator reads Pods while a rotation waits for them. It needs permission to list and watch Pods.",
    example: "true",
  },
  tokenRequests: {
    name: "token-requests",
    schema: flag.default(false),
    what: "Whether the operator requests tokens of service accounts, to check M2MClients with `authentication.method: kubernetes`. It needs permission to create `serviceaccounts/token`, with which it could act as any service account of the watched namespaces.",
    example: "true",
  },
  drainMs: {
    name: "drain-ms",
    schema: whole(0, 600_000).default(30_000),
    what: "Maximum time that work in progress continues after SIGTERM, in milliseconds.",
    example: "30000",
  },
} as const satisfies Record<string, Setting>;

/** Name of every flag, without its dashes. */
export const FLAGS: readonly string[] = Object.values(SETTINGS).map(({ name }) => name);

type Settings = typeof SETTINGS;
export type Config = { readonly [K in keyof Settings]: z.output<Settings[K]["schema"]> };

/** What is wrong with the configuration, all of it at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads flags, then the environment. The only reader of either. */
export function loadConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Config {
  const options = Object.fromEntries(Object.values(SETTINGS).map(({ name }) => [name, { type: "string" as const }]));
  const { values } = parseFlags(argv, options);
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(SETTINGS) as [string, Setting][]) {
    const { name, schema, example } = setting;
    const text = values[name] ?? env[variableOf(name)] ?? fallbackOf(name, env);
    const { data, success, error } = schema.safeParse(text);
    if (success) config[key] = data;
    else
      problems.push(
        `--${name} (${variableOf(name)}): ${text === undefined ? "is required" : (error.issues[0]?.message ?? "is not valid")}, for example ${example}`,
      );
  }
  if (problems.length === 0) problems.push(...contradictionsIn(config as Config));
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  return Object.freeze(config) as Config;
}

/** Settings that are right by themselves and not together. */
function contradictionsIn({ shards, leaderElection }: Config): readonly string[] {
  if (shards === 1 || leaderElection) return [];
  const shown = String(shards);
  return [
    `--shards (M2M_SHARDS): ${shown} shards need leader election: remove --leader-election=false (M2M_LEADER_ELECTION), or set --shards 1`,
  ];
}

function parseFlags(
  argv: readonly string[],
  options: Record<string, { type: "string" }>,
): { values: Record<string, string | undefined> } {
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
    return { values };
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : "the flags cannot be read");
  }
}

const variableOf = (name: string): string => `M2M_${name.toUpperCase().replaceAll("-", "_")}`;

function fallbackOf(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (name === "https-proxy") return env["HTTPS_PROXY"] ?? env["https_proxy"];
  return name === "no-proxy" ? (env["NO_PROXY"] ?? env["no_proxy"]) : undefined;
}

function ownNamespace(): string {
  try {
    return readFileSync("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "utf8").trim();
  } catch {
    return "m2m-system";
  }
}

/** What applies when a setting is not set. */
function defaultOf({ unset, schema }: Setting): string {
  return unset ?? `\`${String(schema.parse(undefined))}\``;
}

/** A default that is a value shows the form of a setting; the others need an example. */
const descriptionOf = ({ what, unset, example }: Setting): string =>
  unset === undefined ? what : `${what} Example: \`${example}\`.`;

/** The reference page of all flags. */
export function configurationMarkdown(): string {
  const rows = Object.values<Setting>(SETTINGS).map(
    (setting) =>
      `| \`--${setting.name}\`<br>\`${variableOf(setting.name)}\` | ${descriptionOf(setting)} | ${defaultOf(setting)} |`,
  );
  return `# Configuration of the operator

A flag wins over its environment variable, which is named below it. The chart sets a flag from its value \`config\`, for example with
\`--set config.log-level=debug\`.

| Flag and variable | Description | Default |
| --- | --- | --- |
${rows.join("\n")}

Generated from the code by \`npm run generate\`.
`;
}
