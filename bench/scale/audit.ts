import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { stringify } from "yaml";

/** One request of the operator to the API server. */
export interface Entry {
  readonly verb: string;
  readonly path: string;
  /** Plural, with the subresource behind a slash where there is one. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
  /** When the API server received it, in milliseconds since 1970. */
  readonly at: number;
  /** As it was sent. Where bodies are not recorded only Events have one. */
  readonly body: unknown;
}

/** The API server's own record of what one user requested. */
export interface Audit {
  /** For kube-apiserver. */
  readonly flags: Readonly<Record<string, string>>;
  /** Everything until now, in order. Cheap to ask again: only what is new is read. */
  entries(): readonly Entry[];
}

interface Line {
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: Readonly<Partial<Record<"resource" | "subresource" | "namespace" | "name", string>>>;
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly requestObject?: unknown;
}

/**
 * Records everything that `user` asks for but Leases, which are renewed all the time, and watches, whose answers do not
 * end. `withBodies` also keeps what was sent, with the Secrets in it: only for simulated tenants.
 */
export function createAudit(dir: string, user: string, withBodies: boolean): Audit {
  const [policy, log] = [join(dir, "audit-policy.yaml"), join(dir, "audit.log")];
  const level = withBodies ? "Request" : "Metadata";
  writeFileSync(
    policy,
    stringify({
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      omitStages: ["RequestReceived"],
      rules: [
        { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
        { level: "None", verbs: ["watch"] },
        // An Event says in its body what it is about.
        { level: "Request", users: [user], resources: [{ group: "events.k8s.io", resources: ["events"] }] },
        { level, users: [user] },
        { level: "None" },
      ],
    }),
  );
  writeFileSync(log, "", { mode: 0o600 });
  const lines = linesOf(log);
  const entries: Entry[] = [];
  return {
    flags: { "audit-policy-file": policy, "audit-log-path": log, "audit-log-maxsize": "10000" },
    entries: () => {
      for (const line of lines()) entries.push(entryOf(JSON.parse(line) as Line));
      return entries;
    },
  };
}

function entryOf({ verb, requestURI, objectRef = {}, responseStatus, requestReceivedTimestamp, requestObject }: Line) {
  const { resource = "", subresource, namespace = "", name = "" } = objectRef;
  return {
    ...{ verb, namespace, name, path: requestURI, body: requestObject },
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    code: responseStatus?.code ?? 0,
    at: Date.parse(requestReceivedTimestamp),
  };
}

const CHUNK = 4 * 2 ** 20;

/** Whole lines that a growing file has got since it was asked before. */
function linesOf(path: string): () => readonly string[] {
  const file = openSync(path, "r");
  process.once("exit", () => {
    closeSync(file);
  });
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(CHUNK);
  let rest = "";
  return () => {
    const lines: string[] = [];
    for (;;) {
      const length = readSync(file, buffer, 0, CHUNK, null);
      if (length === 0) return lines;
      const parts = (rest + decoder.write(buffer.subarray(0, length))).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) lines.push(part);
    }
  };
}

export const WRITE_VERBS: ReadonlySet<string> = new Set(["create", "update", "patch", "delete"]);

export const isWrite = ({ verb }: Entry): boolean => WRITE_VERBS.has(verb);
/** Of one object; the lists of the start are apart. */
export const isRead = ({ verb }: Entry): boolean => verb === "get";
