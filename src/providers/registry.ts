/** One line per provider: the name that specs have for it, and its folder. */
export { auth0 } from "./auth0/declaration.ts";
export { okta } from "./okta/declaration.ts";
export { keycloak } from "./keycloak/declaration.ts";
