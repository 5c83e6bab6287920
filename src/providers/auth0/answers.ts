import { z } from "zod";
import { MARK_KEY } from "../../ports/mark.ts";
import { type Asked, answered, idText, type Operation, removed, type Vendor } from "../answers.ts";
import {
  apiDocument,
  type ClientDocument,
  clientDocument,
  grantDocument,
  keyDocument,
  organizationDocument,
} from "./documents.ts";

type Body = Readonly<Record<string, unknown>> | undefined;

const bodyOf = ({ body }: Asked): Body => body as Body;
const markIn = (body: Body): unknown => (body?.["client_metadata"] as Body)?.[MARK_KEY];
/** The object that the path names. */
const isThis = ({ id }: { readonly id: string }, { ids }: Asked): boolean => id === Object.values(ids).at(-1);
const isThisClient = ({ client_id: id }: ClientDocument, { ids }: Asked): boolean => id === ids["client"];
/** A filter that was not requested lets everything through. */
const isWanted = (wanted: string | null, value: string | null | undefined): boolean =>
  wanted === null || wanted === value;

/** The page that was requested (`page`, `per_page`, `include_totals`), and on the first one something if there is any. */
const numbered = (
  items: readonly unknown[],
  start: number | null | undefined,
  total: number,
  asked: Asked,
): boolean => {
  const first = Number(asked.query.get("page") ?? 0) * Number(asked.query.get("per_page") ?? 0);
  return (start ?? first) === first && (first > 0 || total === 0 || items.length > 0);
};

const totals = { start: z.number().nullish(), total: z.int().min(0) };
const cursor = { next: z.string().nullish() };

const CLIENTS: readonly Operation[] = [
  answered(
    "GET /api/v2/clients",
    z.object({ ...totals, clients: z.array(clientDocument) }),
    ({ clients, start, total }, asked) => numbered(clients, start, total, asked),
  ),
  answered(
    "POST /api/v2/clients",
    clientDocument,
    ({ client_metadata: metadata }, asked) => metadata?.[MARK_KEY] === markIn(bodyOf(asked)),
  ),
  answered("GET /api/v2/clients/{client}", clientDocument, isThisClient),
  answered("PATCH /api/v2/clients/{client}", clientDocument, isThisClient),
  removed("DELETE /api/v2/clients/{client}"),
  answered("POST /api/v2/clients/{client}/rotate-secret", clientDocument, isThisClient),
  answered("GET /api/v2/clients/{client}/credentials", z.array(keyDocument)),
  answered("POST /api/v2/clients/{client}/credentials", keyDocument, ({ kid }, asked) =>
    [undefined, kid].includes(bodyOf(asked)?.["kid"] as string | undefined),
  ),
  removed("DELETE /api/v2/clients/{client}/credentials/{key}"),
];

const APIS: readonly Operation[] = [
  answered(
    "GET /api/v2/resource-servers",
    z.object({ ...totals, resource_servers: z.array(apiDocument) }),
    ({ resource_servers: servers, start, total }, asked) => numbered(servers, start, total, asked),
  ),
  answered(
    "POST /api/v2/resource-servers",
    apiDocument,
    ({ identifier }, asked) => identifier === bodyOf(asked)?.["identifier"],
  ),
  answered("GET /api/v2/resource-servers/{api}", apiDocument, isThis),
  answered("PATCH /api/v2/resource-servers/{api}", apiDocument, isThis),
  removed("DELETE /api/v2/resource-servers/{api}"),
];

const GRANTS: readonly Operation[] = [
  answered(
    "GET /api/v2/client-grants",
    z.object({ ...cursor, client_grants: z.array(grantDocument) }),
    ({ client_grants: grants }, { query }) =>
      grants.every(
        ({ client_id: client, audience }) =>
          isWanted(query.get("client_id"), client) && isWanted(query.get("audience"), audience),
      ),
  ),
  answered("POST /api/v2/client-grants", grantDocument, ({ client_id: client, audience }, asked) => {
    const body = bodyOf(asked);
    return client === body?.["client_id"] && audience === body?.["audience"];
  }),
  answered("GET /api/v2/client-grants/{grant}", grantDocument, isThis),
  answered("PATCH /api/v2/client-grants/{grant}", grantDocument, isThis),
  removed("DELETE /api/v2/client-grants/{grant}"),
  answered(
    "GET /api/v2/client-grants/{grant}/organizations",
    z.object({ ...cursor, organizations: z.array(z.object({ id: idText() })) }),
  ),
];

const ORGANIZATIONS: readonly Operation[] = [
  answered(
    "GET /api/v2/organizations/name/{name}",
    organizationDocument,
    ({ name }, { ids }) => name.toLowerCase() === ids["name"]?.toLowerCase(),
  ),
  answered("GET /api/v2/organizations/{organization}", organizationDocument, isThis),
  // The grant, whose id Auth0 names otherwise here.
  answered(
    "POST /api/v2/organizations/{organization}/client-grants",
    z.object({ id: idText().nullish(), grant_id: idText().nullish() }),
    ({ id, grant_id: grant }, asked) => (grant ?? id) === bodyOf(asked)?.["grant_id"],
  ),
  removed("DELETE /api/v2/organizations/{organization}/client-grants/{grant}"),
];

/** Everything that this adapter asks of Auth0's Management API. */
export const AUTH0: Vendor = {
  label: "Auth0",
  operations: [...CLIENTS, ...APIS, ...GRANTS, ...ORGANIZATIONS],
  notFound: z.object({ statusCode: z.literal(404) }),
};
