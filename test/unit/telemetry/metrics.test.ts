import { expect, it } from "vitest";
import { createMetrics } from "../../../src/telemetry/metrics.ts";

const metrics = createMetrics(["M2MClient"]);

it("the reference names every metric that is not Node's or the process's own", () => {
  const own = metrics.registry
    .getMetricsAsArray()
    .map(({ name }) => name)
    .filter((name) => !/^(nodejs|process)_/.test(name));
  expect(metrics.reference.map(({ name }) => name)).toEqual(own);
});

it("counters end in _total, and nothing else does", () => {
  const wrong = metrics.reference.filter(({ type, name }) => (type === "counter") !== name.endsWith("_total"));
  expect(wrong).toEqual([]);
});

it("no label can hold anything but names, words and codes", () => {
  const labels = new Set(metrics.reference.flatMap((metric) => metric.labels));
  expect([...labels].filter((label) => /secret|key|token|credential|message/.test(label))).toEqual([]);
});
