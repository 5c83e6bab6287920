import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath, launchBrowser } from "../../scripts/docs-check/browser.ts";
import { checkSite, type SiteCheck } from "../../scripts/docs-check/check-site.ts";

const page = (body: string): string => `<!doctype html><html lang="en"><title>A page</title>
<link rel="icon" href="data:,"><style>body { margin: 0 }</style>
<div id="app"><main id="VPContent"><h1>A page</h1>${body}</main></div><script>app.__vue_app__ = {}</script></html>`;

/** What readers must never see, by page, and what the check says of it. */
const FAULTS: Readonly<Record<string, readonly [body: string, fault: RegExp]>> = {
  console: ["<script>console.error('it broke')</script>", /^console error: it broke$/],
  thrown: ["<script>throw new Error('it threw')</script>", /^page error: it threw$/],
  request: ["<img alt='' src='/gone.png'>", /^request failed: .*\/gone\.png \(404\)$/],
  wide: ["<p style='width: 2000px'>wide</p>", /^page wider than the window by \d+ px$/],
  table: [
    "<table style='display: block; overflow-x: auto'><td><div style='width: 2000px'>x</div></table>",
    /^table wider/,
  ],
  cut: ["<p style='width: 40px; overflow: hidden; white-space: nowrap'>cut off at the right</p>", /^text /],
  diagram: ["<div class='diagram' data-state='failed'><pre>a; b</pre></div>", /^a diagram was not drawn: "a; b"$/],
  contrast: ["<p style='color: #ddd; background: #fff'>pale</p>", /^axe color-contrast: /],
  dark: [
    "<style>@media (prefers-color-scheme: dark) { p { color: #ddd } }</style><p style='background: #fff'>pale</p>",
    /^axe color-contrast: /,
  ],
  unnamed: ["<img src='data:,'>", /^axe image-alt: /],
  link: ["<a href='/nowhere'>nowhere</a>", /^dead link: \/nowhere$/],
  anchor: ["<a href='/good#nowhere'>nowhere</a>", /^dead anchor: \/good#nowhere$/],
};

let folder: string;
let check: SiteCheck;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "m2m-docs-faults-"));
  writeFileSync(join(folder, "good.html"), page("<p>Nothing is wrong. <code>--flag</code></p>"));
  for (const [name, [body]] of Object.entries(FAULTS)) writeFileSync(join(folder, `${name}.html`), page(body));
  const browser = await launchBrowser(chromiumPath(process.env));
  check = await checkSite({ browser, folder, screenshots: { folder: join(folder, "pictures"), pages: [] } });
  await browser.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it.each(Object.entries(FAULTS))("the check of the documentation finds the fault of the page %s", (name, [, fault]) => {
  const found = check.findings.filter((finding) => finding.page === `/${name}`).map((finding) => finding.fault);
  expect(found).toContainEqual(expect.stringMatching(fault));
});

it("it finds nothing wrong with a good page, and visited all", () => {
  expect(check.findings.filter((finding) => finding.page === "/good")).toEqual([]);
  expect(check.pages).toHaveLength(Object.keys(FAULTS).length + 1);
});
