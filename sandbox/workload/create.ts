import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../start.ts";
import { createAuth0Workload } from "./auth0.ts";
import { createOktaWorkload } from "./okta.ts";
import type { WorkloadAccess, WorkloadValues } from "./values.ts";

/** The same access at both vendors. */
export interface Workloads {
  readonly auth0: WorkloadValues;
  readonly okta: WorkloadValues;
}

/** Creates an API and a client that may request these scopes, at the Auth0 tenant and at the Okta org. */
export async function createWorkloads(sandbox: Sandbox, access: WorkloadAccess): Promise<Workloads> {
  return { auth0: await createAuth0Workload(sandbox, access), okta: await createOktaWorkload(sandbox, access) };
}

/** One file for each value in `dir/auth0` and `dir/okta`, as a mounted Secret has them. */
export function writeWorkloads(dir: string, workloads: Workloads): void {
  for (const [vendor, values] of Object.entries<WorkloadValues>({ ...workloads })) {
    const folder = join(dir, vendor);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [name, value] of Object.entries<string>({ ...values }))
      writeFileSync(join(folder, name), value, { mode: 0o600 });
  }
}
