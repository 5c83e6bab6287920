import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { type Permission, type PermissionMode, permissionsOf } from "../../src/assembly/permissions.ts";

/** What the API server wrote down about the operators' requests. */
export interface Audit {
  /** For the kube-apiserver of this worker. */
  flagsOf(worker: number): Readonly<Record<string, string>>;
  judge(users: readonly AuditedUser[]): Promise<AuditVerdict>;
  remove(): void;
}

export interface AuditedUser {
  readonly user: string;
  readonly mode: PermissionMode;
}

export interface AuditVerdict {
  /** Requests that RBAC refused, each once. */
  readonly refused: readonly string[];
  /** Permissions that one of the users held and none of them needed. */
  readonly unused: readonly string[];
}

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly apiGroup?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An audit log of these users alone, without bodies, for each API server. */
export function createAudit(users: readonly string[]): Audit {
  const dir = mkdtempSync(join(tmpdir(), "m2m-audit-"));
  const policy = join(dir, "policy.yaml");
  const logs: string[] = [];
  writeFileSync(
    policy,
    stringify({
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      omitStages: ["RequestReceived"],
      omitManagedFields: true,
      rules: [{ level: "Metadata", users }, { level: "None" }],
    }),
  );
  return {
    flagsOf: (worker) => {
      const log = join(dir, `audit-${String(worker)}.log`);
      logs.push(log);
      return { "audit-policy-file": policy, "audit-log-path": log };
    },
    judge: async (audited) => {
      const refused = new Set<string>();
      const used = new Set<string>();
      for await (const line of linesOf(logs)) {
        const event = JSON.parse(line) as AuditEvent;
        const { verb, user, objectRef = {}, requestURI, annotations } = event;
        const { resource = "", subresource, apiGroup = "" } = objectRef;
        const name = subresource === undefined ? resource : `${resource}/${subresource}`;
        // Other refusals with 403 are no lack of permission, for example in a namespace that is going away.
        if (annotations?.["authorization.k8s.io/decision"] === "forbid")
          refused.add(`${user.username}: ${verb} ${requestURI}`);
        else used.add(keyOf(user.username, verb, apiGroup, name));
      }
      return { refused: [...refused], unused: unusedOf(audited, used) };
    },
    remove: () => {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function* linesOf(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) yield* createInterface({ input: createReadStream(path) });
}

const keyOf = (user: string, verb: string, group: string, resource: string): string =>
  [user, verb, group, resource].join(" ");

function unusedOf(users: readonly AuditedUser[], used: ReadonlySet<string>): readonly string[] {
  const holders = new Map<Permission, string[]>();
  for (const { user, mode } of users)
    for (const permission of permissionsOf(mode)) holders.set(permission, [...(holders.get(permission) ?? []), user]);
  return [...holders].flatMap(([{ group, resource, verbs, scope, isForAdmission }, held]) =>
    isForAdmission === true
      ? []
      : verbs
          .filter((verb) => !held.some((user) => used.has(keyOf(user, verb, group, resource))))
          .map((verb) => `${verb} ${resource} (${scope}, held by ${held.join(" and ")})`),
  );
}
