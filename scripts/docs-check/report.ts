import type { Finding, SiteCheck } from "./check-site.ts";
import { VIEWS } from "./views.ts";

/** What is printed: one line when all is well, else the findings by page. */
export function reportText({ pages, findings }: SiteCheck): string {
  const summary = `${String(pages.length)} pages x ${String(VIEWS.length)} views`;
  if (findings.length === 0) return `${summary}: ok`;
  const byPage = Map.groupBy(findings, ({ page }) => page);
  const lines = [...byPage]
    .sort(([one], [other]) => one.localeCompare(other))
    .flatMap(([page, found]) => [page, ...faults(found)]);
  return [...lines, `${summary}: ${String(findings.length)} findings on ${String(byPage.size)} pages`].join("\n");
}

function faults(findings: readonly Finding[]): readonly string[] {
  const byFault = Map.groupBy(findings, ({ fault }) => fault);
  return [...byFault].map(([fault, found]) => `  ${found.map(({ view }) => view).join(", ")}: ${fault}`);
}

/** Results in the form of a test run: a page in a view counts as one test. */
export function testReport({ pages, findings }: SiteCheck): object {
  const failed = new Set(findings.map(({ page, view }) => `${page} ${view}`)).size;
  const all = pages.length * VIEWS.length;
  return { numPassedTests: Math.max(0, all - failed), numFailedTests: failed, success: failed === 0 };
}
