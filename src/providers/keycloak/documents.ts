import { z } from "zod";
import { idText } from "../answers.ts";
import type { RawDocument } from "../unexpressed.ts";

/**
 * What Keycloak sends, as far as it is read: what tells one object from another, and what belongs to which, is always
 * there. Everything else may be missing or null. https://www.keycloak.org/docs-api/latest/rest-api/
 */
const text = () => z.string().nullish();
const flag = () => z.boolean().nullish();
const attributes = () => z.record(z.string(), z.string().nullish());

const mapperDocument = z.object({
  id: idText(),
  name: z.string().min(1),
  protocolMapper: z.string().min(1),
  config: z.record(z.string(), z.string().nullish()).nullish(),
});
export type MapperDocument = z.output<typeof mapperDocument>;

export const clientDocument = z.object({
  id: idText(),
  clientId: z.string().min(1),
  name: text(),
  description: text(),
  enabled: flag(),
  bearerOnly: flag(),
  publicClient: flag(),
  serviceAccountsEnabled: flag(),
  standardFlowEnabled: flag(),
  implicitFlowEnabled: flag(),
  directAccessGrantsEnabled: flag(),
  clientAuthenticatorType: text(),
  secret: text(),
  attributes: attributes(),
  protocolMappers: z.array(mapperDocument).nullish(),
  optionalClientScopes: z.array(z.string().min(1)),
  defaultClientScopes: z.array(z.string().min(1)),
  /** What the operator's own token may do with it. */
  access: z.object({ configure: flag() }).nullish(),
});
export type ClientDocument = z.output<typeof clientDocument>;

/** A client with every member that Keycloak lists. */
export type RawClient = ClientDocument & RawDocument;

export const scopeDocument = z.object({
  id: idText(),
  name: z.string().min(1),
  description: text(),
  attributes: attributes().nullish(),
  protocolMappers: z.array(mapperDocument).nullish(),
});
export type ScopeDocument = z.output<typeof scopeDocument>;

export const serverDocument = z.object({
  features: z.array(z.object({ name: z.string(), type: z.string(), enabled: flag() })),
});
export type ServerDocument = z.output<typeof serverDocument>;
