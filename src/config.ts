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
  context.addIssue({ code: "custom", message: "is no host:port, [IPv6]:port or :port" });
  return z.NEVER;
};
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const SETTINGS = {
  instanceId: {
    name: "instance-id",
    schema: z.string().regex(/^[a-z0-9-]{1,32}$/),
    what: "Names this installation in the marks on remote objects. Required; never change it: two installations with one id fight, another id owns nothing.",
    unset: "none; it is required",
    example: "prod-eu-1",
  },
  namespace: {
    name: "namespace",
    schema: z.string().min(1).default(ownNamespace),
    what: "The operator's own namespace: its Lease, and the credentials of ClusterIdentityProviders.",
    unset: "the namespace it runs in, else `m2m-system`",
    example: "m2m-system",
  },
  watchNamespaces: {
    name: "watch-namespaces",
    schema: list.default([]),
    what: "The only namespaces whose resources this operator works on; comma separated. It asks for nothing outside them and its own.",
    unset: "all",
    example: "payroll,billing",
  },
  clusterProviders: {
    name: "cluster-providers",
    schema: flag.optional(),
    what: "Whether it works on ClusterIdentityProviders; of all operators in a cluster one may.",
    unset: "`true`, with `--watch-namespaces` `false`",
    example: "true",
  },
  kubeconfig: {
    name: "kubeconfig",
    schema: z.string().min(1).optional(),
    what: "Kubeconfig file.",
    unset: "the cluster it runs in, else `KUBECONFIG`, else the user's own",
    example: "/etc/kubeconfig",
  },
  httpAddress: {
    name: "http-address",
    schema: z.string().default(":8080").transform(listenAddress),
    what: "Where /metrics, /healthz and /readyz are served: `host:port`, an IPv6 address in brackets. Without a host every IPv4 and IPv6 address of the host. Port 0 takes a free one.",
    unset: "`:8080`",
    example: "[::1]:8080",
  },
  metricsAccess: {
    name: "metrics-access",
    schema: z.enum(["anybody", "authorized"]).default("anybody"),
    what: "Who may read /metrics: `anybody` who reaches it, or those `authorized` in the cluster, with a bearer token whose owner may `get` the non-resource URL `/metrics`. Needs permission to create TokenReviews and SubjectAccessReviews.",
    unset: "`anybody`; the chart sets `authorized`",
    example: "authorized",
  },
  logLevel: {
    name: "log-level",
    schema: z.enum(["debug", "info", "warn", "error"]).default("info"),
    what: "Least important level that is logged.",
    example: "debug",
  },
  concurrency: {
    name: "concurrency",
    schema: whole(1, 256).default(64),
    what: "Objects worked on at once, in each shard.",
    example: "64",
  },
  leaderElection: {
    name: "leader-election",
    schema: flag.default(true),
    what: "Whether Leases make sure that no two processes work on the same tenant.",
    example: "true",
  },
  leaseName: {
    name: "lease-name",
    schema: z.string().min(1).default("m2m-operator"),
    what: "Name of the Lease, and the beginning of the names of the Leases of further shards and of replicas.",
    example: "m2m-operator",
  },
  shards: {
    name: "shards",
    schema: whole(1, 64).default(1),
    what: "Number of parts that the tenants are dealt into, each with a Lease of its own, so that several replicas work at once and no tenant is called by two. Every replica needs the same number. With 1 one replica works and the others stand by. Needs `--leader-election`.",
    example: "6",
  },
  allowedHosts: {
    name: "allowed-hosts",
    schema: list.default([]),
    what: "Hosts (with :port unless it is 443, or :* for every port) that credentials may be sent to, beside those of each provider's own cloud; comma separated.",
    unset: "none",
    example: "login.acme.com,*.acme.com",
  },
  allowPrivateAddresses: {
    name: "allow-private-addresses",
    schema: flag.default(false),
    what: "Whether tenants may be at private, loopback or link-local addresses.",
    example: "false",
  },
  httpsProxy: {
    name: "https-proxy",
    schema: z.url().optional(),
    what: "Proxy for requests to tenants.",
    unset: "the environment's `HTTPS_PROXY`",
    example: "http://proxy.acme.com:3128",
  },
  noProxy: {
    name: "no-proxy",
    schema: z.string().optional(),
    what: "Hosts that are reached without the proxy.",
    unset: "the environment's `NO_PROXY`",
    example: ".acme.com",
  },
  providerTimeoutMs: {
    name: "provider-timeout-ms",
    schema: whole(100, 120_000).default(15_000),
    what: "Longest one request to a tenant may take, in milliseconds.",
    example: "15000",
  },
  maxAnswerBytes: {
    name: "max-answer-bytes",
    schema: whole(65_536, 67_108_864).default(2_097_152),
    what: "Largest answer of a tenant that is read, in bytes after decompression, and eight times the number of values in it. A page of a listing that is larger is read in smaller pages; raise this for single objects that are.",
    unset: "`2097152` (2 MiB)",
    example: "4194304",
  },
  settleMs: {
    name: "settle-ms",
    schema: whole(0, 60_000).default(5000),
    what: "How long after a create of unknown outcome a tenant may take to show it, in milliseconds, beyond the timeout.",
    example: "5000",
  },
  orphanAfterMs: {
    name: "orphan-after-ms",
    schema: whole(0, 86_400_000).default(600_000),
    what: "How long a deletion waits for a tenant that cannot be used, in milliseconds. Then it ends, and the Event `Orphaned` names what stays at the tenant.",
    example: "600000",
  },
  recover: {
    name: "recover",
    schema: flag.default(false),
    what: "After the cluster was rebuilt: take back what an earlier resource of the same kind, namespace and name made with this instance id, and APIs by their audience where a tenant cannot mark them. Turn it off once all is Ready.",
    example: "true",
  },
  maxRevocations: {
    name: "max-revocations",
    schema: whole(0, 100_000).default(20),
    what: "One withdrawal of consent that would take away more grants than this waits until it is confirmed by annotation.",
    example: "20",
  },
  podAwareness: {
    name: "pod-awareness",
    schema: flag.default(true),
    what: "Read Pods while a rotation waits for them. Needs permission to list and watch Pods.",
    example: "true",
  },
  drainMs: {
    name: "drain-ms",
    schema: whole(0, 600_000).default(30_000),
    what: "How long work that was begun may go on after SIGTERM, in milliseconds.",
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
        `--${name} (${variableOf(name)}): ${text === undefined ? "is required" : (error.issues[0]?.message ?? "is wrong")}; for example ${example}`,
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
    `--shards (M2M_SHARDS): ${shown} shards need leader election; leave out --leader-election=false (M2M_LEADER_ELECTION), or set --shards 1`,
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

A flag wins over its environment variable, which is named below it.

| Flag and variable | Description | Default |
| --- | --- | --- |
${rows.join("\n")}

Generated from the code by \`npm run generate\`.
`;
}
