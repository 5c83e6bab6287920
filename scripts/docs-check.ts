import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromiumPath, launchBrowser } from "./docs-check/browser.ts";
import { checkSite } from "./docs-check/check-site.ts";
import { reportText, testReport } from "./docs-check/report.ts";
import { argumentsOf } from "../tools/arguments.ts";

const ROOT = join(import.meta.dirname, "..");
const SITE = join(ROOT, "docs/.vitepress/dist");
const { env } = process;

/** One page of each kind. */
const PICTURES = [
  ...[
    "/",
    "/tutorial",
    "/concepts",
    "/lifecycle",
    "/providers",
    "/how-to/rotate",
    "/how-to/spring",
    "/troubleshooting",
  ],
  ...["/reference/m2mclients", "/reference/configuration"],
];

const USAGE = `usage: npm run docs:check -- [--no-build] [--only PAGE …]

  --no-build   checks the site that was built last
  --only PAGE  checks this page alone, for example /tutorial`;
const { values } = argumentsOf(USAGE, {
  "no-build": { type: "boolean", default: false },
  only: { type: "string", multiple: true },
});

const browserPath = found();
if (!values["no-build"]) {
  const { status } = spawnSync(process.execPath, [join(ROOT, "scripts/docs.ts")], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
const browser = await launchBrowser(browserPath);
let visits = 0;
const check = await checkSite({
  ...{ browser, folder: SITE },
  onVisit: () => {
    visits += 1;
    if (visits % 50 === 0) console.error(`${String(visits)} visits`);
  },
  ...(values.only === undefined ? {} : { only: values.only }),
  screenshots: { folder: env["DOCS_SCREENSHOTS"] ?? join(ROOT, "dist/docs-screenshots"), pages: PICTURES },
});
await browser.close();
console.log(reportText(check));
const reports = env["M2M_TEST_REPORTS"];
if (reports !== undefined) writeFileSync(join(reports, "docs.json"), JSON.stringify(testReport(check)));
process.exitCode = check.findings.length === 0 ? 0 : 1;

/** Before the site is built: a missing browser is reported immediately. */
function found(): string {
  try {
    return chromiumPath(env);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return process.exit(1);
  }
}
