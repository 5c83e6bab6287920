import { REASONS } from "../../src/kinds/status/reasons.ts";

/** The page about conditions. */
export function conditionsMarkdown(): string {
  const rows = Object.entries(REASONS).map(
    ([reason, [meaning, remedy]]) => `| \`${reason}\` | ${meaning} | ${remedy} |`,
  );
  return `# Reasons

The same word stands in a condition, an event and a metric.
\`Ready\` is always there. \`Stalled\` means that a person must act on the object or its tenant; \`Reconciling\` that the
operator waits or goes on by itself.

| Reason | Meaning | Action |
| --- | --- | --- |
${rows.join("\n")}

Generated from the code by \`npm run generate\`.
`;
}
