import { pause } from "../pause.ts";
import { appRoutes } from "./app-routes.ts";
import { authorize, identify } from "./api-access.ts";
import { noRoute, notLicensed, OktaError } from "./errors.ts";
import { checkMediaType, json, type OktaIncoming, type OktaOutgoing, partsOf, withHeaders } from "./exchange.ts";
import { neighbour } from "./neighbours.ts";
import type { Org } from "./org.ts";
import { bucketOf } from "./plans.ts";
import { alone, isRaced } from "./policy-races.ts";
import { tooManyAtOnce } from "./rate-limits.ts";
import { registeredClient } from "./registered-clients.ts";
import { serverRoutes } from "./server-routes.ts";
import { seenBy } from "./stale-reads.ts";

/** One request of the org's own API. Who calls is judged before the limits are, and these before what is called. */
export async function manage(org: Org, incoming: OktaIncoming): Promise<OktaOutgoing> {
  if (org.inFlight >= (org.knobs.maxConcurrent ?? org.limits.maxConcurrent)) throw tooManyAtOnce(incoming.nowMs);
  org.inFlight += 1;
  try {
    await pause(org.knobs.latencyMs);
    const caller = await identify(org, incoming);
    const { method, path, nowMs } = incoming;
    const headers = org.limits.count(bucketOf(method, path), caller.id, nowMs);
    const answer = await withLimits(headers, async () => {
      authorize(org, caller, incoming, areaOf(path));
      checkMediaType(incoming, "application/json");
      const work = async () => act(seenBy(org, method, nowMs), incoming);
      return isRaced(incoming) ? alone(org, incoming, work) : work();
    });
    return { ...answer, tokenClient: caller.id };
  } finally {
    org.inFlight -= 1;
  }
}

/** Answers to failures have the headers too. */
async function withLimits(
  headers: Readonly<Record<string, string>>,
  work: () => Promise<OktaOutgoing>,
): Promise<OktaOutgoing> {
  try {
    return withHeaders(await work(), headers);
  } catch (refused) {
    if (!(refused instanceof OktaError)) throw refused;
    throw new OktaError(refused.status, refused.body, { ...headers, ...refused.headers });
  }
}

const AREAS: Readonly<Record<string, string>> = {
  apps: "okta.apps",
  authorizationServers: "okta.authorizationServers",
  clients: "okta.clients",
};

/** Which scopes a path needs: `<area>.read` or `<area>.manage`. */
function areaOf(path: string): string | undefined {
  const type = partsOf(path)[2];
  return type === undefined ? undefined : AREAS[type];
}

/** What is called, no matter who calls. */
export async function act(org: Org, incoming: Omit<OktaIncoming, "authorization">): Promise<OktaOutgoing> {
  const [first, , type, ...rest] = partsOf(incoming.path);
  const call = { ...incoming, rest };
  if (first === "oauth2") return json(200, registeredClient(org, call));
  if (type === "apps") return appRoutes(org, call);
  if (type === "authorizationServers") {
    if (!org.knobs.apiAccessManagement) throw notLicensed();
    return serverRoutes(org, call);
  }
  const answer = neighbour(org, call);
  if (answer === undefined) throw noRoute();
  return answer;
}
