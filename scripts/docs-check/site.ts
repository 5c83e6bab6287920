import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { join, relative, sep } from "node:path";
import sirv from "sirv";

/** A built site, served on this machine. */
export interface ServedSite {
  /** Without a slash at the end. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves a folder as GitHub Pages does: `/a/b` is `a/b.html` or `a/b/index.html`, and anything else is a 404. */
export async function serveSite(folder: string): Promise<ServedSite> {
  const files = sirv(folder, { extensions: ["html"], etag: true });
  const server = createServer((request, response) => {
    files(request, response, () => {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Address of every page below a folder, such as `/how-to/rotate`, sorted. */
export function pageAddresses(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".html") && entry.name !== "404.html")
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .map((path) => `/${path.replace(/(?:(^|\/)index)?\.html$/, "$1")}`)
    .sort();
}

/** Pages that a web server can mistake for a folder, because both have the same name. */
export function collisions(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const folders = new Set(
    entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name)),
  );
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".html"))
    .map((entry) => join(entry.parentPath, entry.name).replace(/\.html$/, ""))
    .filter((path) => folders.has(path))
    .map((path) => `/${relative(folder, path)}`);
}
