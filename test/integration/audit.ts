import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { type Permission, type PermissionMode, permissionsOf } from "../../src/assembly/permissions.ts";

/** What the API server wrote down about the operators' requests. */
export interface Audit {
  /** For kube-apiserver. */
  readonly flags: Readonly<Record<string, string>>;
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

/** An audit log of these users alone, without bodies. */
export function createAudit(users: readonly string[]): Audit {
  const dir = mkdtempSync(join(tmpdir(), "m2m-audit-"));
  const [policy, log] = [join(dir, "policy.yaml"), join(dir, "audit.log")];
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
    flags: { "audit-policy-file": policy, "audit-log-path": log },
    judge: async (audited) => {
      const refused = new Set<string>();
      const used = new Set<string>();
      for await (const line of createInterface({ input: createReadStream(log) })) {
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
