import { type Document, pathOf } from "../../demo/environment.ts";
import type { Call } from "../../sandbox/call-log.ts";
import type { Entry } from "./audit.ts";

/** What the bare process sends. */
export interface Plan {
  readonly kube: {
    readonly server: string;
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
    readonly connections: number;
  };
  readonly tenant: { readonly url: string; readonly ca: string; readonly connections: number };
  /** Tracks at once. */
  readonly concurrency: number;
  /** Before anything is measured. */
  readonly first: readonly Step[];
  /** One for each object. */
  readonly tracks: readonly Track[];
}

export interface Track {
  /** Path of the object. */
  readonly object: string;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly to: "kube" | "tenant";
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** `$UID` stands for the object's, `$VERSION` for the newest version of what is written. */
  readonly body?: unknown;
  readonly contentType?: string;
  /** What the operator was answered. */
  readonly status: number;
}

const METHODS = { get: "GET", list: "GET", create: "POST", update: "PUT", patch: "PATCH", delete: "DELETE" } as const;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

export interface Recorded {
  readonly entries: readonly Entry[];
  readonly calls: readonly Call[];
  readonly documents: readonly Document[];
}

/**
 * The same requests as recorded, for other objects: in namespaces that begin with `to` in place of `from`. What cannot be
 * told to belong to an object is dealt to all of them in turn, so that the number of requests is the same. The tenant's
 * log has no bodies; those here are as long as the operator's are.
 */
export function tracksOf(recorded: Recorded, from: string, to: string): readonly Track[] {
  const { entries, calls, documents } = recorded;
  const steps = documents.map((): Step[] => []);
  const indexes = new Map(
    documents.map(({ metadata: { namespace = "", name } }, index) => [`${namespace}/${name}`, index]),
  );
  const deal = createDeal(documents.length);
  for (const call of calls) {
    const index = deal(`${call.method} ${call.path}`);
    const { name = "" } = documents[index]?.metadata ?? {};
    steps[index]?.push(stepOfCall(call, name));
  }
  for (const entry of entries) {
    const index = indexes.get(`${entry.namespace}/${ownerOf(entry)}`) ?? deal("");
    steps[index]?.push(moved(stepOfEntry(entry), from, to));
  }
  return documents.map((document, index) => {
    const object = `${pathOf(document)}/${document.metadata.name}`.replace(`/${from}-`, `/${to}-`);
    return { object, steps: steps[index] ?? [] };
  });
}

/** Of each kind of request the first goes to the first object, the second to the second, and so on. */
function createDeal(count: number): (kind: string) => number {
  const dealt = new Map<string, number>();
  return (kind) => {
    const number = dealt.get(kind) ?? 0;
    dealt.set(kind, number + 1);
    return number % count;
  };
}

/** A Secret is named after its client, the operator's own one with a dot and more; an Event says what it is about. */
function ownerOf({ resource, name, body }: Entry): string {
  if (resource === "events") return (body as { readonly regarding?: { readonly name?: string } }).regarding?.name ?? "";
  return name.split(".", 1)[0] ?? "";
}

function stepOfEntry({ verb, path, body, code }: Entry): Step {
  const method = METHODS[verb as keyof typeof METHODS];
  const step = { to: "kube", method, path, status: code } as const;
  if (body === undefined || body === null) return step;
  const placeheld = JSON.stringify(body)
    .replaceAll(UUID, "$UID")
    .replace(/"resourceVersion":"\d+"/, '"resourceVersion":"$VERSION"');
  const contentType = method === "PATCH" ? patchTypeOf(body) : "application/json";
  return { ...step, body: JSON.parse(placeheld) as unknown, contentType };
}

/** The record does not say it. An apply names its type, and a JSON patch is a list. */
function patchTypeOf(body: unknown): string {
  if (Array.isArray(body)) return "application/json-patch+json";
  return Object.hasOwn(body as object, "apiVersion") ? "application/apply-patch+yaml" : "application/merge-patch+json";
}

const moved = (step: Step, from: string, to: string): Step =>
  JSON.parse(
    JSON.stringify(step)
      .replaceAll(`/namespaces/${from}-`, `/namespaces/${to}-`)
      .replaceAll(`"namespace":"${from}-`, `"namespace":"${to}-`),
  ) as Step;

/** As long as a mark of the operator's. */
const MARK = "v1 bench m2m-operator.io/M2MClient 00000000-0000-0000-0000-000000000000 0000000000000000";

function stepOfCall({ method, path, status }: Call, name: string): Step {
  const step = { to: "tenant", method: method as Step["method"], path, status } as const;
  if (method === "GET") return { ...step, path: `${path}?per_page=100&page=0&include_totals=true` };
  const body = {
    ...{ name, app_type: "non_interactive", grant_types: ["client_credentials"] },
    ...{ token_endpoint_auth_method: "client_secret_post", client_metadata: { m2m: MARK } },
  };
  return { ...step, body };
}
