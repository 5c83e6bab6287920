import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The style sheet of the page. The bundle has the text in place of this file: see scripts/bundle/cli.ts. */
export const pageStyle = (): string => readFileSync(join(import.meta.dirname, "page.css"), "utf8");

/** The program of the page. */
export const pageScript = (): string => readFileSync(join(import.meta.dirname, "page.browser.js"), "utf8");
