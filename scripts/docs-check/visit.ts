import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import type { View } from "./views.ts";

const PROBE = join(import.meta.dirname, "probe.browser.js");
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const READY_WITHIN_MS = 20_000;

/** Anchors of one page, and its links into the site. */
export interface PageLinks {
  readonly anchors: readonly string[];
  readonly links: readonly { readonly path: string; readonly anchor: string }[];
}

/** What was seen of one page in one view. */
export interface Visit {
  readonly faults: readonly string[];
  readonly links: PageLinks;
}

/** A browser tab that shows one page after the other in one view. */
export interface Visitor {
  visit(address: string, screenshot?: string): Promise<Visit>;
  close(): Promise<void>;
}

/** Opens a tab. Whatever the browser complains about is part of the next visit's faults. */
export async function openVisitor(browser: Browser, origin: string, view: View): Promise<Visitor> {
  const { colorScheme, width, height } = view;
  const context = await browser.newContext({ colorScheme, viewport: { width, height }, reducedMotion: "reduce" });
  await context.addInitScript({ path: PROBE });
  if (view.axe) await context.addInitScript({ path: AXE });
  const page = await context.newPage();
  const complaints: string[] = [];
  let isFirst = true;
  listen(page, complaints);
  return {
    visit: async (address, screenshot) => {
      complaints.length = 0;
      await page.goto(origin + address, { waitUntil: "load" });
      const isReady = await page
        .waitForFunction("window.docsAreReady()", undefined, { timeout: READY_WITHIN_MS })
        .then(() => true)
        .catch(() => false);
      const faults = await page.evaluate<readonly string[]>("window.docsFaults()");
      const links = await page.evaluate<PageLinks>("window.docsLinks()");
      // What surrounds the content is the same on every page.
      const barriers = view.axe ? await barriersOf(page, isFirst ? "document" : "'#VPContent'") : [];
      isFirst = false;
      if (screenshot !== undefined) await page.screenshot({ path: screenshot, fullPage: true });
      const late = isReady ? [] : [`was not ready after ${String(READY_WITHIN_MS / 1000)} s`];
      return { faults: [...complaints, ...late, ...faults, ...barriers], links };
    },
    close: () => context.close(),
  };
}

function listen(page: Page, complaints: string[]): void {
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console error: ${message.text().slice(0, 300)}`);
  });
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message.slice(0, 300)}`));
  page.on("requestfailed", (request) => {
    // Going to the next page ends what the last one was still loading ahead.
    const why = request.failure()?.errorText ?? "?";
    if (why !== "net::ERR_ABORTED") complaints.push(`request failed: ${request.url()} (${why})`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`request failed: ${response.url()} (${String(response.status())})`);
  });
}

/** What axe finds that keeps people from reading or using the page. */
async function barriersOf(page: Page, context: string): Promise<readonly string[]> {
  const { violations } = await page.evaluate<Pick<AxeResults, "violations">>(
    `axe.run(${context}, { resultTypes: ['violations'] }).then(({ violations }) => ({ violations }))`,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => {
      const first = nodes[0]?.target.join(" ") ?? "?";
      return `axe ${id}: ${help}: ${String(nodes.length)} times, first at ${first}`;
    });
}
