import { z } from "zod";
import { digestOf } from "../digest.ts";
import { ADMIN_ROLES } from "./admin-roles.ts";
import { editSchema, edited } from "./edits.ts";
import { knobsSchema } from "./knobs.ts";
import { newApiToken, type Org } from "./org.ts";
import { OKTA_PLANS, type OktaPlan } from "./plans.ts";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const planSchema = z.strictObject({
  name: z.enum(Object.keys(OKTA_PLANS) as [OktaPlan, ...OktaPlan[]]),
  refill: z.enum(["window", "continuous"]).optional(),
  sharePercent: z.number().min(1).max(100).optional(),
});

/**
 * The side door of the org.
 *
 * - `GET /_sandbox/state/okta`: servers and apps, secrets as digests
 * - `GET /_sandbox/knobs/okta`; `PUT`, with some of the knobs of knobs.ts: all of them as they are then
 * - `PUT /_sandbox/plan/okta` `{name, refill?: window|continuous, sharePercent?: 50}`
 * - `POST /_sandbox/api-tokens/okta` `{role}`: 201 `{apiToken, role}`, one more API token with limits of its own
 * - `POST /_sandbox/edit/okta` (edits.ts): a change by hand, beside limits, races, faults and the call log
 */
export async function administerOkta(org: Org, { method, path, body }: Call): Promise<Answer | undefined> {
  switch (`${method} ${path}`) {
    case "GET /_sandbox/state/okta":
      return { status: 200, body: visibleOrg(org) };
    case "GET /_sandbox/knobs/okta":
      return { status: 200, body: org.knobs };
    case "PUT /_sandbox/knobs/okta":
      return checked(knobsSchema.partial(), body, (knobs) => ({ status: 200, body: Object.assign(org.knobs, knobs) }));
    case "PUT /_sandbox/plan/okta":
      return checked(planSchema, body, ({ name, refill, sharePercent }) => {
        org.setPlan(name, refill, sharePercent);
        return { status: 200, body: { name } };
      });
    case "POST /_sandbox/api-tokens/okta":
      return checked(z.strictObject({ role: z.enum(ADMIN_ROLES) }), body, ({ role }) => {
        const apiToken = newApiToken();
        org.apiTokens.set(apiToken, role);
        return { status: 201, body: { apiToken, role } };
      });
    case "POST /_sandbox/edit/okta":
      return checked(editSchema, body, (edit) => edited(org, edit));
    default:
      return undefined;
  }
}

function checked<S extends z.ZodType>(
  schema: S,
  body: unknown,
  act: (given: z.output<S>) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const { success, data, error } = schema.safeParse(body ?? {});
  return success ? act(data) : { status: 400, body: { message: z.prettifyError(error) } };
}

/** Without what every server has from the start. */
export function visibleOrg({ state }: Org): object {
  const servers = [...state.servers.values()].map(({ keys: _keys, scopes, claims, policies, ...server }) => ({
    ...server,
    scopes: [...scopes.values()].filter(({ system }) => !system),
    claims: [...claims.values()].filter(({ system }) => !system),
    policies: [...policies.values()].map(({ rules, ...policy }) => ({ ...policy, rules: [...rules.values()] })),
  }));
  const apps = [...state.apps.values()].map(({ secrets, ...app }) => ({
    ...app,
    secrets: secrets.map(({ client_secret: secret, ...shown }) => ({
      ...shown,
      client_secret_digest: digestOf(secret),
    })),
  }));
  return { servers, apps };
}
