import { ANNOTATIONS } from "../schema/annotations.ts";
import { durationMs } from "../schema/duration.ts";
import type { Desired } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";

/** The wish that one resource expresses; what all of its pair request together is observed. */
export function desire({ metadata, spec }: ScopeGrant): Desired {
  return {
    isAbsent: metadata.deletionTimestamp !== undefined,
    isPaused: metadata.annotations?.[ANNOTATIONS.paused] === "true",
    asksFor: {
      allClients: spec.allClients === true,
      organizations: spec.organizations !== undefined,
      lifetimeSeconds: spec.tokenLifetime === undefined ? undefined : durationMs(spec.tokenLifetime) / 1000,
    },
  };
}
