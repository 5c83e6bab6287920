import { KINDS } from "../../src/kinds/registry.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";

/** One row for each metric of the operator's own. */
export function metricsMarkdown(): string {
  const { reference } = createMetrics(KINDS.map(({ kind }) => kind));
  const rows = reference.map(({ name, type, labels, help, watch }) => {
    const names = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\`${names === "" ? "" : `<br>${names}`} | ${type} | ${help} | ${watch} |`;
  });
  return `# Metrics

The operator serves these metrics at \`/metrics\` in the Prometheus text format, together with the metrics of Node and of the
process (\`nodejs_*\`, \`process_*\`). The label \`tenant\` is the domain or org of the provider object. No label contains a
credential. The [alerts](../alerts.md) use these metrics.

| Metric and labels | Type | Meaning | Watch for |
| --- | --- | --- | --- |
${rows.join("\n")}

Generated from the code by \`npm run generate\`.
`;
}
