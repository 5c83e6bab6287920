import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { REASONS } from "../../../src/kinds/status/reasons.ts";
import { ANNOTATIONS, CRD_VERSION, CREDENTIALS_FINALIZER, FINALIZER } from "../../../src/kinds/schema/annotations.ts";
import { GROUP, VERSION } from "../../../src/kinds/registry.ts";
import { PUBLISHED_AS } from "../../../src/publication/published-as.ts";
import { pages, readPage, ROOT } from "../../docs/pages.ts";

const matches = (page: string, pattern: RegExp): readonly string[] =>
  [...readPage(page).matchAll(pattern)].map((match) => match[1] ?? "");

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
const names = [...Object.values(ANNOTATIONS), FINALIZER, CREDENTIALS_FINALIZER, CRD_VERSION, `${GROUP}/${VERSION}`];
names.push(PUBLISHED_AS);
/** Of the policy for service accounts, and of the path where a Pod has its token. */
names.push(`${GROUP}/restrict-service-accounts`, `${GROUP}/serviceaccount`);

it.each(pages())("%s names annotations, commands and files that there are", (page) => {
  const annotations = matches(page, /(?<!\w\.)(m2m-operator\.io\/[a-z0-9-]+)/g);
  expect(annotations.filter((name) => !names.includes(name.replace(/-$/, "")))).toEqual([]);
  const commands = matches(page, /npm run (?:-s )?([a-z:-]+)/g);
  expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  const files = matches(page, /`((?:test|src|demo|scripts|sandbox|deploy|docs|crds)\/[\w./-]*)`/g);
  expect(files.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it("the reasons that troubleshooting begins with are those of the conditions", () => {
  const cells = matches("docs/troubleshooting.md", /^\| ((?:`[A-Z][A-Za-z]+`(?:, )?)+)/gm);
  const words = cells.flatMap((cell) => [...cell.matchAll(/`([A-Z][A-Za-z]+)`/g)].map((match) => match[1] ?? ""));
  expect(words.length).toBeGreaterThan(20);
  const others = ["OAuthApi", "Retiring"];
  expect(words.filter((word) => !(word in REASONS) && !others.includes(word))).toEqual([]);
});
