import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import type { Abandonment } from "./provider-access.ts";
import type { Standing } from "./standing.ts";

type Ports = Pick<KindContext, "now" | "settings">;

/** The provider object wakes those that are being deleted whenever it failed; this is for what it does not see. */
const CHECK_MS = 60_000;

export function abandonmentOf(ports: Ports, resource: Resource, standing: Standing): Abandonment {
  const { deletionTimestamp } = resource.metadata;
  const now = ports.now().getTime();
  if (deletionTimestamp === undefined) return { mayAbandon: false, checkAt: new Date(now + CHECK_MS) };
  const deadline = Date.parse(deletionTimestamp) + ports.settings.orphanAfterMs;
  const lostAt = hasNoTenant(standing) ? deadline : failedForLong(standing, ports.settings.orphanAfterMs);
  const times = [deadline, lostAt ?? deadline, now + CHECK_MS].filter((at) => at > now);
  return {
    mayAbandon: lostAt !== undefined && now >= Math.max(deadline, lostAt) && hasTriedSince(standing, deadline),
    checkAt: new Date(Math.min(...times)),
  };
}

/** There is no provider object that could lead to the tenant where things were made. */
function hasNoTenant({ object, access }: Standing): boolean {
  return object === undefined || access.state === "otherTenant";
}

/** From when on a tenant that nobody could read counts as gone. */
function failedForLong({ failure }: Standing, orphanAfterMs: number): number | undefined {
  return failure === undefined ? undefined : failure.since.getTime() + orphanAfterMs / 2;
}

/** A tenant that came back in time gets its deletion, however late that is seen. Without a connection there is no try. */
function hasTriedSince(standing: Standing, deadline: number): boolean {
  const { failure, provider } = standing;
  if (hasNoTenant(standing) || provider === undefined) return true;
  return failure !== undefined && failure.lastAt.getTime() >= deadline;
}
