import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Access, AccessMap } from "../../cli/map/model.ts";
import { htmlText } from "../../cli/map/print/html.ts";
import { chromiumPath, launchBrowser } from "../../scripts/docs-check/browser.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PICTURES = process.env["DOCS_SCREENSHOTS"] ?? join(import.meta.dirname, "../../dist/docs-screenshots");
const TENANT = "example.eu.auth0.com";
const NOW = "2026-05-31T00:00:00.000Z";

/** A map with as many clients and APIs, where each client calls four. Every tenth client was made at the tenant. */
function mapOf(clientCount: number, apiCount: number): AccessMap {
  const clients = Array.from({ length: clientCount }, (_, index) => ({
    ...{ id: `c${String(index)}`, tenant: TENANT, name: `client-${String(index)}`, clientId: `id-${String(index)}` },
    ...(index % 10 === 9 ? {} : { namespace: `team-${String(index % 7)}` }),
    ...{ method: "client_secret_post", credential: { createdAt: "2026-05-01T00:00:00Z", retiring: 0 } },
  }));
  const apis = Array.from({ length: apiCount }, (_, index) => ({
    ...{
      id: `a${String(index)}`,
      tenant: TENANT,
      namespace: `team-${String(index % 7)}`,
      name: `api-${String(index)}`,
    },
    audience: `https://api-${String(index)}.example.com`,
  }));
  const access = clients.flatMap(({ id, namespace }, index) =>
    [0, 1, 2, 3].map((step): Access => {
      const scopes = [`read:${String(step)}`, "write:things"];
      const origin =
        namespace === undefined ? { by: "Tenant" as const } : { by: "ScopeGrant" as const, namespace, name: id };
      return {
        client: id,
        api: `a${String((index * 3 + step * 5) % apiCount)}`,
        scopes,
        origins: [{ ...origin, scopes }],
      };
    }),
  );
  const tenants = [
    {
      id: TENANT,
      vendor: "auth0",
      providers: ["ClusterIdentityProvider/default"],
      source: "tenant" as const,
      readAt: NOW,
    },
  ];
  return { madeAt: NOW, tenants, clients, apis, access, notes: ["not shown: Pods"] };
}

let browser: Browser;
const dir = mkdtempSync(join(tmpdir(), "m2m-map-"));
beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  browser = await launchBrowser(chromiumPath(process.env));
});
afterAll(async () => {
  await browser.close();
  rmSync(dir, { recursive: true });
});

interface View {
  readonly colorScheme: "light" | "dark";
  readonly width: number;
}

interface Opened {
  readonly page: Page;
  /** Complaints of the browser, and addresses that the page wanted. */
  readonly faults: readonly string[];
}

async function opened(map: AccessMap, { colorScheme, width }: View): Promise<Opened> {
  const file = join(dir, "map.html");
  writeFileSync(file, htmlText(map));
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: false });
  const page = await context.newPage();
  const faults: string[] = [];
  const { href } = pathToFileURL(file);
  page.on("console", (message) => faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== href && !request.url().startsWith("data:")) faults.push(`request: ${request.url()}`);
  });
  await page.goto(href);
  return { page, faults };
}

const shownRows = (page: Page): Promise<number> => page.locator("tbody tr:visible").count();

async function barriersOf(page: Page): Promise<readonly string[]> {
  // The policy of the page lets no script in; the browser's own console may.
  const source = await import("node:fs").then(({ readFileSync }) => readFileSync(AXE, "utf8"));
  await page.evaluate(source);
  const { violations } = await page.evaluate<Pick<AxeResults, "violations">>(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => ({ violations }))",
  );
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.target.join(" ") ?? ""}`);
}

it.each([
  ["light", { colorScheme: "light", width: 1300 }],
  ["dark", { colorScheme: "dark", width: 1300 }],
  ["phone", { colorScheme: "light", width: 390 }],
] as const)("%s: axe finds nothing, nothing is wider than the window, and nothing is loaded", async (name, view) => {
  const { page, faults } = await opened(mapOf(12, 5), view);
  await page.screenshot({ path: join(PICTURES, `map-${name}.png`), fullPage: true });
  expect(await barriersOf(page)).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  expect(await shownRows(page)).toBe(48);
  expect(await page.locator("#graph path").count()).toBe(48);
  expect(faults).toEqual([]);
});
