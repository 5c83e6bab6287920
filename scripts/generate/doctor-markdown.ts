import { CHECKS } from "../../cli/doctor/checks.ts";
import { DISMISSAL_PREFIX } from "../../cli/doctor/examine.ts";
import { FACTS } from "../../cli/doctor/facts.ts";

/** The reference page of the checks of `kubectl m2m doctor`. */
export function doctorMarkdown(): string {
  const rows = CHECKS.map(
    ({ name, severity, reports, risk, todo }) => `| \`${name}\` | ${severity} | ${reports} | ${risk} | ${todo} |`,
  );
  const reads = CHECKS.map(({ name, needs, wants = [] }) => {
    const facts = [...needs, ...wants].map((fact) => FACTS[fact]);
    return `| \`${name}\` | ${facts.join(", ")} |`;
  });
  return `# Checks of kubectl m2m doctor

[\`kubectl m2m doctor\`](kubectl-m2m.md#doctor) runs these checks.
[Check the setup before production](../how-to/kubectl-m2m.md#check-the-setup-before-production) shows how to use it.

| Check | Severity | Reports | Why | Action |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

## Dismiss a finding

Annotate the object of the finding with \`${DISMISSAL_PREFIX}CHECK\`. The value is the reason. An annotation without a reason
dismisses nothing. Dismissed findings do not change the exit code, and \`--show-dismissed\` shows them.

\`\`\`sh
kubectl annotate scopegrant importer-reads -n billing ${DISMISSAL_PREFIX}unused-grant="Runs by hand each quarter"
\`\`\`

## Permissions of the checks

If you may not read all of it, \`doctor\` prints \`not checked\` with the missing permission. The checks \`missing-permissions\`,
\`excess-permissions\` and \`no-fallback\` still judge the provider objects that you may read.

| Check | Facts |
| --- | --- |
${reads.join("\n")}

Generated from the code by \`npm run generate\`.
`;
}
