import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetch } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath } from "../../../scripts/docs-check/browser.ts";
import { deadLinks } from "../../../scripts/docs-check/links.ts";
import { reportText, testReport } from "../../../scripts/docs-check/report.ts";
import { collisions, pageAddresses, type ServedSite, serveSite } from "../../../scripts/docs-check/site.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "m2m-docs-check-"));
  mkdirSync(join(folder, "how-to"));
  mkdirSync(join(folder, "auth0"));
  for (const name of [
    "index.html",
    "404.html",
    "tutorial.html",
    "how-to/index.html",
    "how-to/rotate.html",
    "auth0.html",
  ])
    writeFileSync(join(folder, name), name);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it("pages have the addresses that readers see, and a page beside a folder of its name is found", () => {
  expect(pageAddresses(folder)).toEqual(["/", "/auth0", "/how-to/", "/how-to/rotate", "/tutorial"]);
  expect(collisions(folder)).toEqual(["/auth0"]);
});

describe("the server", () => {
  let site: ServedSite;
  beforeAll(async () => {
    site = await serveSite(folder);
  });
  afterAll(() => site.close());

  it.each([
    ["/", "index.html"],
    ["/tutorial", "tutorial.html"],
    ["/how-to/", "how-to/index.html"],
    ["/how-to/rotate", "how-to/rotate.html"],
  ])("%s is %s", async (address, expected) => {
    const answer = await fetch(site.origin + address);
    expect([answer.status, await answer.text()]).toEqual([200, expected]);
  });

  it("anything else is a 404", async () => {
    expect((await fetch(`${site.origin}/nothing`)).status).toBe(404);
  });
});

it("links to pages and headings that do not exist are found", () => {
  const links = (...paths: readonly (readonly [path: string, anchor: string])[]) =>
    paths.map(([path, anchor]) => ({ path, anchor }));
  const pages = new Map([
    ["/a", { anchors: ["top"], links: links(["/b", "here"], ["/b", "gone"], ["/c", ""], ["/b", ""]) }],
    ["/b", { anchors: ["here"], links: links(["/a", "top"]) }],
  ]);
  expect([...deadLinks(pages, ["/a", "/b"])]).toEqual([["/a", ["dead anchor: /b#gone", "dead link: /c"]]]);
});

it("the report says what is wrong by page, and counts a page in a view as one test", () => {
  const pages = ["/a", "/b"];
  expect(reportText({ pages, findings: [] })).toBe("2 pages x 3 views: ok");
  const findings = [
    { page: "/b", view: "light", fault: "x" },
    { page: "/b", view: "dark", fault: "x" },
    { page: "/b", view: "dark", fault: "y" },
  ];
  expect(reportText({ pages, findings })).toBe(
    "/b\n  light, dark: x\n  dark: y\n2 pages x 3 views: 3 findings on 1 pages",
  );
  expect(testReport({ pages, findings })).toEqual({ numPassedTests: 4, numFailedTests: 2, success: false });
  expect(testReport({ pages, findings: [] })).toEqual({ numPassedTests: 6, numFailedTests: 0, success: true });
});

it("the browser is the one that is named, and must be a file", () => {
  expect(chromiumPath({ CHROMIUM: join(folder, "index.html") })).toBe(join(folder, "index.html"));
});
