import { readFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { runTool } from "./run-tool.ts";

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly groups?: unknown; readonly endpoints?: readonly { readonly honorLabels?: boolean }[] };
}

let rendered: readonly Rendered[];
beforeAll(async () => {
  const on = ["rules", "dashboard", "serviceMonitor"].flatMap((part) => ["--set", `metrics.${part}.enabled=true`]);
  const { code, output } = await runTool("helm", [
    "template",
    "test",
    "charts/m2m-operator",
    "--set",
    "instanceId=test",
    ...on,
  ]);
  if (code !== 0) throw new Error(output);
  rendered = parseAllDocuments(output).map((document) => document.toJS() as Rendered);
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
