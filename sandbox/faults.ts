import { z } from "zod";

/** One disturbance: lets `skip` calls that match pass, applies to the next `times` of them, then is gone. */
export const faultSchema = z.object({
  tenant: z.enum(["auth0", "okta"]).default("auth0"),
  method: z.string().optional(),
  /** Regular expression over the path without its query. */
  path: z.string().optional(),
  skip: z.number().int().min(0).default(0),
  times: z.number().int().min(1).default(1),
  effect: z.object({
    status: z.number().int().optional(),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    latencyMs: z.number().min(0).optional(),
    /** Cut the connection before the request is handled, or after it was: then it is done and nobody gets the answer. */
    drop: z.enum(["before", "after"]).optional(),
    /** With `status`: handle the request first and answer so all the same. */
    commit: z.boolean().optional(),
    /** Handle the request, send half of the answer, and cut the connection. An answer without a body is dropped. */
    cut: z.boolean().optional(),
    /** A read shows what there was before the last write; a write is handled as ever. */
    stale: z.boolean().optional(),
    /** 429 in the vendor's words, its limit filled again so many milliseconds later, rounded up to whole seconds. */
    limitedForMs: z.number().min(0).optional(),
    /** Cut this and every other connection, and refuse new ones for so long. */
    refuseMs: z.number().min(0).optional(),
  }),
});

export type Fault = z.infer<typeof faultSchema>;

export interface Faults {
  add(fault: z.input<typeof faultSchema>): void;
  /** Takes the fault that this call meets. */
  match(tenant: Fault["tenant"], method: string, path: string): Fault["effect"] | undefined;
  /** Whether a stale read is still to come, so that the state before each write must be kept. */
  awaitsStaleRead(): boolean;
  clear(): void;
}

export function createFaults(): Faults {
  let active: (Fault & { toSkip: number; left: number })[] = [];
  return {
    add: (input) => {
      const fault = faultSchema.parse(input);
      active.push({ ...fault, toSkip: fault.skip, left: fault.times });
    },
    match: (tenant, method, path) => {
      const fault = active.find(
        (candidate) =>
          candidate.tenant === tenant &&
          (candidate.method === undefined || candidate.method.toUpperCase() === method) &&
          (candidate.path === undefined || new RegExp(candidate.path).test(path)),
      );
      if (fault === undefined) return undefined;
      if (fault.toSkip > 0) {
        fault.toSkip -= 1;
        return undefined;
      }
      fault.left -= 1;
      if (fault.left === 0) active = active.filter((other) => other !== fault);
      return fault.effect;
    },
    awaitsStaleRead: () => active.some(({ effect }) => effect.stale === true),
    clear: () => {
      active = [];
    },
  };
}
