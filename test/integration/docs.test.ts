import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { KubeError } from "../../src/kube/kube-error.ts";
import { type Block, blocksOf, pages } from "../docs/pages.ts";
import { foreignFault } from "../docs/foreign-kinds.ts";
import { admin, type AnyObject, type Cluster } from "./cluster.ts";

/**
 * Every YAML block of the pages is sent to the API server, which judges it without keeping anything. Marks after the
 * language, as in "```yaml refused":
 *
 * - `refused`: the API server must not take it, and the block's first comment is part of what it says;
 * - `fragment`: it is no whole document.
 *
 * Kinds that the server does not have are those of other projects; they are checked with schemas made from their CRDs.
 */
const MARKS = ["refused", "fragment"];
/** The title of a tab on the site: "```yaml [Secret]". */
const isTab = (mark: string): boolean => /^\[\w+\]$/.test(mark);
const MOST_FRAGMENTS = 6;

const blocks = pages()
  .flatMap(blocksOf)
  .filter(({ language }) => language === "yaml" || language === "yml");
const isMarked = (mark: string) => (block: Block) => block.marks.includes(mark);
const whole = blocks.filter((block) => !isMarked("fragment")(block));
const named = (block: Block) => [`${block.page}:${String(block.line)}`, block] as const;

let cluster: Cluster;
let namespace: string;
beforeAll(async () => {
  cluster = admin();
  namespace = await cluster.createNamespace();
});
afterAll(async () => {
  await cluster.remove("Namespace", "", namespace);
  await cluster.close();
});

const documentsOf = ({ text }: Block): readonly AnyObject[] =>
  parseAllDocuments(text).map((parsed) => {
    if (parsed.errors.length > 0) throw new Error(parsed.errors.map(({ message }) => message).join("\n"));
    return parsed.toJS() as AnyObject;
  });

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** How the API server names a kind; `undefined` when it has no such kind. */
async function resourceOf({ apiVersion, kind }: AnyObject): Promise<ApiResource | undefined> {
  const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  try {
    const { resources } = await cluster.connection.request<{ resources: ApiResource[] }>({ method: "GET", path });
    return resources.find((resource) => resource.kind === kind && !resource.name.includes("/"));
  } catch (error) {
    if (error instanceof KubeError && error.code === 404) return undefined;
    throw error;
  }
}

/** What is wrong with a document; `undefined` when it is taken. */
async function faultOf(document: AnyObject): Promise<string | undefined> {
  const resource = await resourceOf(document);
  if (resource === undefined) return foreignFault(document);
  const { apiVersion, metadata } = document;
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = resource.namespaced ? `/namespaces/${namespace}` : "";
  try {
    await cluster.connection.request({
      method: "PATCH",
      path: `${group}${place}/${resource.name}/${metadata.name}`,
      query: { dryRun: "All", fieldManager: "docs", force: "true", fieldValidation: "Strict" },
      contentType: "application/apply-patch+yaml",
      body: resource.namespaced ? { ...document, metadata: { ...metadata, namespace } } : document,
    });
    return undefined;
  } catch (error) {
    if (error instanceof KubeError && (error.code === 422 || error.code === 400)) return error.message;
    throw error;
  }
}

const faultsOf = async (block: Block): Promise<readonly string[]> => {
  const faults = await Promise.all(documentsOf(block).map(faultOf));
  return faults.filter((fault) => fault !== undefined);
};

describe("YAML in the pages", () => {
  it.each(whole.filter((block) => !isMarked("refused")(block)).map(named))("%s is taken", async (_place, block) => {
    expect(documentsOf(block).length).toBeGreaterThan(0);
    expect(await faultsOf(block)).toEqual([]);
  });

  it.each(whole.filter(isMarked("refused")).map(named))("%s is refused, as it says", async (_place, block) => {
    const says = /^# (.+)$/m.exec(block.text)?.[1] ?? "a comment with what the API server says";
    expect((await faultsOf(block)).join("\n")).toContain(says);
  });

  it("has known marks only, and few of them", () => {
    expect(blocks.flatMap(({ marks }) => marks).filter((mark) => !MARKS.includes(mark) && !isTab(mark))).toEqual([]);
    expect(blocks.filter(isMarked("fragment")).length).toBeLessThanOrEqual(MOST_FRAGMENTS);
    expect(whole.length).toBeGreaterThan(10);
  });

  it("that is wrong by another project's schema is noticed", async () => {
    const document = { apiVersion: "external-secrets.io/v1alpha1", kind: "PushSecret", metadata: { name: "wrong" } };
    expect(await foreignFault({ ...document, ...{ spec: { data: "text" } } })).toBeDefined();
  });
});
