import type { Mark } from "../../ports/mark.ts";
import type { ApiChange, ApiSpec, ApiTokens } from "../../ports/provider.ts";
import { apiMark, type AttributeChange, shapeChange } from "./attributes.ts";

/** Each default of Keycloak's is too broad: without these, the client could log people in. */
export const apiBody = (spec: ApiSpec, mark: Mark): object => ({
  clientId: spec.audience,
  name: spec.displayName,
  description: spec.description ?? "",
  protocol: "openid-connect",
  bearerOnly: true,
  publicClient: false,
  ...{ standardFlowEnabled: false, implicitFlowEnabled: false, directAccessGrantsEnabled: false },
  ...{ serviceAccountsEnabled: false, fullScopeAllowed: false },
  ...{ defaultClientScopes: [], optionalClientScopes: [] },
  attributes: { ...apiMark(mark), ...tokensChange(spec.tokens) },
});

/** Keycloak changes only what is sent, and of the attributes only those that are named. */
export function apiChangeBody({ audience, displayName, description, tokens, mark }: ApiChange): object {
  const attributes = { ...apiMark(mark), ...(tokens === undefined ? {} : tokensChange(tokens)) };
  return {
    ...(audience === undefined ? {} : { clientId: audience }),
    ...(displayName === undefined ? {} : { name: displayName }),
    ...(description === undefined ? {} : { description }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  };
}

const tokensChange = ({ signingAlgorithm, profile }: ApiTokens): AttributeChange =>
  shapeChange({
    ...(signingAlgorithm === undefined ? {} : { signingAlgorithm }),
    ...(profile === undefined ? {} : { profile }),
  });
