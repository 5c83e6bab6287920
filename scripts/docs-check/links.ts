import type { PageLinks } from "./visit.ts";

/** Links that lead to a page or a heading that does not exist, by the page that has them. `all` are the site's pages. */
export function deadLinks(
  pages: ReadonlyMap<string, PageLinks>,
  all: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const anchors = new Map([...pages].map(([address, links]) => [address, new Set(links.anchors)]));
  const faultOf = ({ path, anchor }: PageLinks["links"][number]): string | undefined => {
    // Files that are not pages, such as pictures, fail as requests.
    if (/\.(svg|cast|png|txt)$/.test(path)) return undefined;
    const address = decodeURIComponent(path);
    if (!all.includes(address)) return `dead link: ${path}`;
    const target = anchors.get(address);
    return anchor === "" || target === undefined || target.has(anchor) ? undefined : `dead anchor: ${path}#${anchor}`;
  };
  const found = [...pages].map(
    ([address, { links }]) => [address, [...new Set(links.flatMap((link) => faultOf(link) ?? []))]] as const,
  );
  return new Map(found.filter(([, faults]) => faults.length > 0));
}
