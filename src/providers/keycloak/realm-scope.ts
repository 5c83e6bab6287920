import type { Ref } from "../../ports/provider.ts";
import { API } from "./attributes.ts";
import type { MapperDocument, ScopeDocument } from "./documents.ts";

/** A client scope that belongs to an API, by its attribute or by the audience that it gives to tokens. */
export interface RealmScope {
  readonly ref: Ref;
  readonly name: string;
  readonly description: string;
  /** `undefined`: of no API, such as those that every realm has. */
  readonly audience: string | undefined;
  /** Its audience mapper, where it has one. */
  readonly mapper: string | undefined;
  /** Somebody changed it by hand, so that tokens have another audience or do not name the scope. */
  readonly isImpaired: boolean;
  readonly readAt: Date;
}

const MAPPER_TYPE = "oidc-audience-mapper";
const MAPPER_NAME = "m2m-audience";
const CUSTOM_AUDIENCE = "included.custom.audience";
const IN_TOKEN = "include.in.token.scope";

export function realmScopeOf(document: ScopeDocument, readAt: Date): RealmScope {
  const { attributes } = document;
  const own = attributes?.[API] ?? undefined;
  const mapper = audienceMapperOf(document);
  const audience = own ?? audienceOf(mapper);
  const isOtherAudience = own !== undefined && (audienceOf(mapper) !== own || !isWhole(mapper));
  const isNamed = attributes?.[IN_TOKEN] === "true";
  return {
    ref: document.id as Ref,
    name: document.name,
    description: document.description ?? "",
    audience,
    mapper: mapper?.id,
    isImpaired: audience !== undefined && (isOtherAudience || !isNamed),
    readAt,
  };
}

/** The mapper that gives the scope its audience. */
export function audienceMapperOf({ protocolMappers }: ScopeDocument): MapperDocument | undefined {
  const mappers = (protocolMappers ?? []).filter(({ protocolMapper }) => protocolMapper === MAPPER_TYPE);
  return mappers.find(({ name }) => name === MAPPER_NAME) ?? mappers[0];
}

/** A client's name in the mapper is no reference: it is a text like the other. */
const audienceOf = (mapper: MapperDocument | undefined): string | undefined =>
  textIn(mapper?.config?.[CUSTOM_AUDIENCE]) ?? textIn(mapper?.config?.["included.client.audience"]);

const textIn = (text: string | null | undefined): string | undefined =>
  text == null || text === "" ? undefined : text;

const isWhole = (mapper: MapperDocument | undefined): boolean => mapper?.config?.["access.token.claim"] === "true";

/** Without `lightweight.claim`, lightweight tokens have no audience. */
export const mapperBody = (audience: string, id?: string): object => ({
  ...(id === undefined ? {} : { id }),
  name: MAPPER_NAME,
  protocol: "openid-connect",
  protocolMapper: MAPPER_TYPE,
  config: {
    [CUSTOM_AUDIENCE]: audience,
    "access.token.claim": "true",
    "id.token.claim": "false",
    "introspection.token.claim": "true",
    "lightweight.claim": "true",
  },
});

/** `name` and `protocol` must be in every body. An empty description removes it. */
export const scopeBody = (name: string, description: string, audience: string): object => ({
  name,
  description,
  protocol: "openid-connect",
  attributes: { [IN_TOKEN]: "true", "display.on.consent.screen": "false", [API]: audience },
});
