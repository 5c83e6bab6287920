import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { deadLinks } from "./links.ts";
import { collisions, pageAddresses, serveSite } from "./site.ts";
import { type View, VIEWS } from "./views.ts";
import { openVisitor, type PageLinks, type Visitor } from "./visit.ts";

/** Something wrong with a page. */
export interface Finding {
  readonly page: string;
  /** The view in which it was seen, or `site` where it is the same in all. */
  readonly view: string;
  readonly fault: string;
}

export interface SiteCheck {
  readonly pages: readonly string[];
  readonly findings: readonly Finding[];
}

export interface SiteCheckOptions {
  readonly browser: Browser;
  /** Where the built site is. */
  readonly folder: string;
  /** Only these pages, by address; without it all. */
  readonly only?: readonly string[];
  /** Pages of which a picture is kept, by address, and where. */
  readonly screenshots: { readonly folder: string; readonly pages: readonly string[] };
  /** Told of each finished view of a page. */
  readonly onVisit?: (page: string, view: string, faults: readonly string[]) => void;
}

interface Task {
  readonly view: View;
  readonly page: string;
}

/** Tabs that load pages at the same time. */
const TABS = 2;

/** Visits every page of a built site in every view. */
export async function checkSite(options: SiteCheckOptions): Promise<SiteCheck> {
  const { folder, screenshots } = options;
  mkdirSync(screenshots.folder, { recursive: true });
  const pages = pageAddresses(folder);
  const visited = pages.filter((page) => options.only?.includes(page) ?? true);
  const links = new Map<string, PageLinks>();
  const findings: Finding[] = collisions(folder).map((page) => ({
    ...{ page, view: "site", fault: "a page and a folder have the same name" },
  }));
  const site = await serveSite(folder);
  try {
    const tasks = VIEWS.flatMap((view) => visited.map((page) => ({ view, page })));
    const seen = (task: Task, faults: readonly string[], found: PageLinks): void => {
      const { page, view } = task;
      findings.push(...faults.map((fault) => ({ page, view: view.name, fault })));
      links.set(page, found);
      options.onVisit?.(page, view.name, faults);
    };
    await Promise.all(Array.from({ length: TABS }, () => work(options, site.origin, tasks, seen)));
  } finally {
    await site.close();
  }
  for (const [page, faults] of deadLinks(links, pages)) {
    findings.push(...faults.map((fault) => ({ page, view: "site", fault })));
  }
  return { pages: visited, findings };
}

/** Takes tasks until none are left. Each view has a new tab. */
async function work(
  { browser, screenshots }: SiteCheckOptions,
  origin: string,
  tasks: Task[],
  seen: (task: Task, faults: readonly string[], links: PageLinks) => void,
): Promise<void> {
  let open: { readonly view: View; readonly visitor: Visitor } | undefined;
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
    const { view, page } = task;
    if (open?.view !== view) {
      await open?.visitor.close();
      open = { view, visitor: await openVisitor(browser, origin, view) };
    }
    const name = page === "/" ? "index" : page.slice(1).replaceAll("/", "-");
    const picture = screenshots.pages.includes(page) ? join(screenshots.folder, `${name}-${view.name}.png`) : undefined;
    const { faults, links } = await open.visitor.visit(page, picture);
    seen(task, faults, links);
  }
  await open?.visitor.close();
}
