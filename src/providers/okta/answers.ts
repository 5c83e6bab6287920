import { z } from "zod";
import { MARK_KEY } from "../../ports/mark.ts";
import { type Asked, answered, type Operation, removed, switched, type Vendor } from "../answers.ts";
import {
  appDocument,
  claimDocument,
  policyDocument,
  ruleDocument,
  scopeDocument,
  secretDocument,
  serverDocument,
} from "./documents.ts";
import { readMarked } from "./marked-text.ts";
import { isShown } from "./shown-secret.ts";

type Body = Readonly<Record<string, unknown>> | undefined;

const bodyOf = ({ body }: Asked): Body => body as Body;

/** The object that the last id of the path names. */
const isThis = ({ id }: { readonly id: string }, { ids }: Asked): boolean => id === Object.values(ids).at(-1);
/** What was just made has the name that it was to have. */
const hasName = ({ name }: { readonly name: string }, asked: Asked): boolean => name === bodyOf(asked)?.["name"];
const isSameList = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
const markOf = (description: unknown): unknown => readMarked(typeof description === "string" ? description : "").mark;

/** Everything of one type: listed, made, read, replaced and removed at one path. */
function collection<T extends { readonly id: string }>(
  path: string,
  item: z.ZodType<T>,
  id: string,
  isMade: (made: T, asked: Asked) => boolean,
): readonly Operation[] {
  return [
    answered(`GET ${path}`, z.array(item)),
    answered(`POST ${path}`, item, isMade),
    answered(`GET ${path}/{${id}}`, item, isThis),
    answered(`PUT ${path}/{${id}}`, item, isThis),
    removed(`DELETE ${path}/{${id}}`),
  ];
}

const lifecycle = (path: string): readonly Operation[] => [
  switched(`POST ${path}/lifecycle/activate`),
  switched(`POST ${path}/lifecycle/deactivate`),
];

const APPS = "/api/v1/apps";
const SECRETS = `${APPS}/{app}/credentials/secrets`;
const SERVERS = "/api/v1/authorizationServers";
const SERVER = `${SERVERS}/{server}`;
const POLICIES = `${SERVER}/policies`;
const RULES = `${POLICIES}/{policy}/rules`;

const profileMark = (profile: unknown): unknown => (profile as Body)?.[MARK_KEY];

/** Everything that this adapter asks of Okta's Management API. */
export const OKTA: Vendor = {
  label: "Okta",
  operations: [
    ...collection(APPS, appDocument, "app", ({ profile }, asked) => {
      return profileMark(profile) === profileMark(bodyOf(asked)?.["profile"]);
    }),
    ...lifecycle(`${APPS}/{app}`),
    answered(`GET ${SECRETS}`, z.array(secretDocument)),
    answered(`POST ${SECRETS}`, secretDocument, ({ client_secret: secret }, asked) => {
      const chosen = bodyOf(asked)?.["client_secret"];
      return chosen === undefined || !isShown(secret) || secret === chosen;
    }),
    switched(`POST ${SECRETS}/{secret}/lifecycle/deactivate`),
    removed(`DELETE ${SECRETS}/{secret}`),
    ...collection(SERVERS, serverDocument, "server", ({ audiences, description }, asked) => {
      const body = bodyOf(asked);
      return (
        isSameList(audiences, body?.["audiences"]) && isSameList(markOf(description), markOf(body?.["description"]))
      );
    }),
    ...lifecycle(SERVER),
    ...collection(`${SERVER}/scopes`, scopeDocument, "scope", hasName),
    ...collection(`${SERVER}/claims`, claimDocument, "claim", hasName),
    ...collection(POLICIES, policyDocument, "policy", ({ conditions }, asked) => {
      const wanted = bodyOf(asked)?.["conditions"] as typeof conditions;
      return isSameList(conditions?.clients?.include, wanted?.clients?.include);
    }),
    ...lifecycle(`${POLICIES}/{policy}`),
    ...collection(RULES, ruleDocument, "rule", hasName),
    ...lifecycle(`${RULES}/{rule}`),
  ],
  // E0000008 says that there is no such path, and not that something is gone.
  notFound: z.object({ errorCode: z.string().regex(/^(?!E0000008$)E\d{7}$/) }),
};
