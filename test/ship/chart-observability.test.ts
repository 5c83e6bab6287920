import { readFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { runTool } from "./run-tool.ts";

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: readonly { readonly nonResourceURLs?: readonly string[] }[];
  readonly spec?: {
    readonly groups?: unknown;
    readonly ingress?: unknown;
    readonly endpoints?: readonly { readonly honorLabels?: boolean; readonly bearerTokenFile?: string }[];
  };
}

let rendered: readonly Rendered[];
beforeAll(async () => {
  rendered = await rendering(...["rules", "dashboard", "serviceMonitor"].map((part) => `metrics.${part}.enabled=true`));
});

it("the chart hands on the alerts as they are, Prometheus' own templates untouched", () => {
  const rules = rendered.filter(({ kind }) => kind === "PrometheusRule").map(({ spec }) => spec?.groups);
  const { groups } = parse(readFileSync("charts/m2m-operator/files/alerts.yaml", "utf8")) as { groups: unknown };
  expect(rules).toEqual([groups]);
});

it("and the dashboard, as one file for Grafana", () => {
  const texts = rendered
    .filter(({ kind }) => kind === "ConfigMap")
    .flatMap(({ data = {} }) => Object.entries(data))
    .filter(([name]) => name.endsWith(".json"))
    .map(([, text]) => JSON.parse(text) as unknown);
  expect(texts).toEqual([JSON.parse(readFileSync("charts/m2m-operator/files/dashboard.json", "utf8"))]);
});

it("a scrape keeps the namespace of the objects, which the alerts name", () => {
  const monitors = rendered.filter(({ kind }) => kind === "ServiceMonitor");
  expect(monitors.map(({ spec }) => spec?.endpoints?.map(({ honorLabels }) => honorLabels))).toEqual([[true]]);
});

async function rendering(...values: readonly string[]): Promise<readonly Rendered[]> {
  const args = values.flatMap((value) => ["--set", value]);
  const { code, output } = await runTool("helm", [
    "template",
    "test",
    "charts/m2m-operator",
    "--set",
    "instanceId=test",
    ...args,
  ]);
  if (code !== 0) throw new Error(output);
  return parseAllDocuments(output).map((document) => document.toJS() as Rendered);
}
const isKeptToReaders = (objects: readonly Rendered[]): boolean =>
  objects.some(({ rules = [] }) => rules.some(({ nonResourceURLs = [] }) => nonResourceURLs.includes("/metrics")));

it("metrics are kept to who may read them, and Prometheus sends its token", () => {
  expect(isKeptToReaders(rendered)).toBe(true);
  const [monitor] = rendered.filter(({ kind }) => kind === "ServiceMonitor");
  expect(monitor?.spec?.endpoints?.[0]?.bearerTokenFile).toBe("/var/run/secrets/kubernetes.io/serviceaccount/token");
});

it("an operator for single namespaces asks for nothing in the whole cluster, unless it is told to", async () => {
  expect(isKeptToReaders(await rendering("watchNamespaces={a}"))).toBe(false);
  expect(isKeptToReaders(await rendering("watchNamespaces={a}", "metrics.authorization.enabled=true"))).toBe(true);
  expect(isKeptToReaders(await rendering("metrics.authorization.enabled=false"))).toBe(false);
});

it("a network policy lets in nobody but the scrapers that are named", async () => {
  const ingressOf = (objects: readonly Rendered[]): unknown =>
    objects.find(({ kind }) => kind === "NetworkPolicy")?.spec?.ingress;
  expect(ingressOf(await rendering("networkPolicy.enabled=true"))).toEqual([]);
  const named = await rendering(
    "networkPolicy.enabled=true",
    "networkPolicy.metricsFrom[0].podSelector.matchLabels.app=prometheus",
  );
  expect(ingressOf(named)).toEqual([
    { ports: [{ port: "http", protocol: "TCP" }], from: [{ podSelector: { matchLabels: { app: "prometheus" } } }] },
  ]);
});
