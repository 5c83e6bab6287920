import { z } from "zod";

/** One disturbance: applies to the next `times` calls that match, then is gone. */
export const faultSchema = z.object({
  tenant: z.enum(["auth0", "okta"]).default("auth0"),
  method: z.string().optional(),
  /** Regular expression over the path without its query. */
  path: z.string().optional(),
  times: z.number().int().min(1).default(1),
  effect: z.object({
    status: z.number().int().optional(),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    latencyMs: z.number().min(0).optional(),
    /** Cut the connection before the request is handled, or after it was: then it is done and nobody is told. */
    drop: z.enum(["before", "after"]).optional(),
    /** With `status`: handle the request first and answer so all the same. */
    commit: z.boolean().optional(),
  }),
});

export type Fault = z.infer<typeof faultSchema>;

export interface Faults {
  add(fault: z.input<typeof faultSchema>): void;
  /** Takes the fault that this call meets. */
  match(tenant: Fault["tenant"], method: string, path: string): Fault["effect"] | undefined;
  clear(): void;
}

export function createFaults(): Faults {
  let active: (Fault & { left: number })[] = [];
  return {
    add: (input) => {
      const fault = faultSchema.parse(input);
      active.push({ ...fault, left: fault.times });
    },
    match: (tenant, method, path) => {
      const fault = active.find(
        (candidate) =>
          candidate.tenant === tenant &&
          (candidate.method === undefined || candidate.method.toUpperCase() === method) &&
          (candidate.path === undefined || new RegExp(candidate.path).test(path)),
      );
      if (fault === undefined) return undefined;
      fault.left -= 1;
      if (fault.left === 0) active = active.filter((other) => other !== fault);
      return fault.effect;
    },
    clear: () => {
      active = [];
    },
  };
}
