import { stepsOf } from "../../controller/steps.ts";
import type { Plan } from "../../controller/reconcile.ts";
import { isOwnedBy } from "../../ownership/owner.ts";
import type { ObservedApi } from "../../ports/provider.ts";
import type { Reason } from "../status/reasons.ts";
import { LIFTS } from "./halts.ts";
import type { Action, Desired, Observed } from "./model.ts";

export type Step = Plan<Action>;

export const { act, nothing, unmet, wait, waitUntil, stalled, stalledUntil } = stepsOf<Action, Reason, typeof LIFTS>(
  LIFTS,
);

/** The APIs of other owners are never touched, whatever status says. */
export function refusalOf(desired: Desired, observed: Observed, api: ObservedApi): Step | undefined {
  if (api.isSystem && desired.adoptedId === undefined) return systemApi(api);
  return isOthers(desired, observed, api) ? markedByOthers(api) : undefined;
}

/** Auth0's Management API, for example. */
export const systemApi = ({ audience }: ObservedApi): Step =>
  stalled(
    "NotOwned",
    `The API ${audience} belongs to the provider, and the operator does not manage it. Create this OAuthApi again with another audience.`,
  );

export const markedByOthers = ({ audience }: ObservedApi): Step =>
  stalled(
    "NotOwned",
    `The API ${audience} carries the mark of another resource or installation. Create this OAuthApi again with another audience, or delete that resource with deletionPolicy: Retain first.`,
  );

/** The mark decides, whatever status says. An earlier resource of this name counts as this one only with --recover. */
export function isOthers({ owner }: Desired, { mayRecover }: Observed, { mark }: ObservedApi): boolean {
  if (mark === undefined || isOwnedBy(mark, owner)) return false;
  return !(mayRecover && mark.instance === owner.instance && mark.object === owner.object);
}
