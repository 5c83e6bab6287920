import { REASONS } from "../../src/kinds/status/reasons.ts";

/** The page about conditions. */
export function conditionsMarkdown(): string {
  const rows = Object.entries(REASONS).map(
    ([reason, [meaning, remedy]]) => `| \`${reason}\` | ${meaning} | ${remedy} |`,
  );
  return `# Reasons

Conditions, events and metrics use the same reasons. \`Ready\` is always present. \`Stalled\` means that a person must act on
the object or its tenant. \`Reconciling\` means that the operator works, or waits and continues by itself.

| Reason | Meaning | Action |
| --- | --- | --- |
${rows.join("\n")}

Generated from the code by \`npm run generate\`.
`;
}
