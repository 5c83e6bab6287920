import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { selectorsOf } from "./promql.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const read = (path: string): string => readFileSync(path, "utf8");
const { groups } = parse(read("charts/m2m-operator/files/alerts.yaml")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read("charts/m2m-operator/files/dashboard.json")) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: unknown }[] };
};
const { registry, reference } = createMetrics([]);
const names = new Set(registry.getMetricsAsArray().map(({ name }) => name));
const labelsOf = new Map(reference.map(({ name, labels }) => [name, labels]));

/** What a scrape adds. */
const TARGET_LABELS = ["namespace", "job", "instance", "le"];

const baseName = (name: string): string => {
  const base = name.replace(/_(bucket|sum|count)$/, "");
  return reference.some((metric) => metric.name === base && metric.type === "histogram") ? base : name;
};

const problemsOf = (expression: string): readonly string[] =>
  selectorsOf(expression).flatMap(({ metric, labels }) => {
    const name = baseName(metric);
    if (!names.has(name)) return [`there is no ${metric}`];
    const known = labelsOf.get(name);
    const strange = labels.filter((label) => known?.includes(label) === false && !TARGET_LABELS.includes(label));
    return strange.map((label) => `${metric} has no ${label}`);
  });

it.each(rules)("$alert reads only metrics and labels that there are", ({ expr }) => {
  expect(selectorsOf(expr)).not.toEqual([]);
  expect(problemsOf(expr)).toEqual([]);
});

it.each(dashboard.panels.filter(({ targets }) => targets !== undefined))(
  "the panel '$title' reads only metrics and labels that there are",
  ({ targets = [] }) => {
    expect(targets).not.toEqual([]);
    expect(targets.flatMap(({ expr }) => problemsOf(expr))).toEqual([]);
  },
);

it("no two panels of the dashboard cover each other", () => {
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${String(x + (index % w))},${String(y + Math.floor(index / w))}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});

it.each(rules)("$alert has a severity, a summary and a section in the runbook", ({ alert, labels, annotations }) => {
  expect(["critical", "warning", "info"]).toContain(labels["severity"]);
  expect(annotations["summary"]).toBeTruthy();
  expect(annotations["runbook_url"]).toMatch(new RegExp(`/docs/alerts\\.md#${alert.toLowerCase()}$`));
  expect(read("docs/alerts.md")).toContain(`\n## ${alert}\n`);
});

it("the runbook has no section of an alert that is gone", () => {
  const sections = [...read("docs/alerts.md").matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  expect(sections).toEqual(rules.map(({ alert }) => alert));
});

it("each alert fires somewhere in the file that promtool runs", () => {
  const tried = read("test/ship/alerts.promtool.yaml");
  expect(rules.map(({ alert }) => alert).filter((alert) => !tried.includes(alert))).toEqual([]);
});
