import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeycloakAddress } from "../keycloak/start.ts";
import type { Sandbox } from "../sandbox/start.ts";

const EXAMPLES = join(import.meta.dirname, "../deploy/examples");

/** Simulated tenants in place of those that the examples are written for. */
export interface Tenants extends Pick<Sandbox, "auth0" | "okta" | "caPem"> {
  /** A real server. Where there is none, its examples keep what they say. */
  readonly keycloak?: KeycloakAddress;
  /** More orgs, by the URLs that the examples give them; of others they keep what they say. */
  readonly moreOrgs?: Readonly<Record<string, Pick<Sandbox, "okta" | "caPem">>>;
}

interface Place {
  /** As the examples have it. */
  readonly written: string;
  readonly here: string;
  readonly caPem: string;
}

/** Each environment has a tenant of its own; where there is only one they share it, kept apart by their audiences. */
export const ENVIRONMENTS: readonly string[] = ["dev", "test", "prod"];

function placesOf({ auth0, okta, caPem, keycloak, moreOrgs = {} }: Tenants): readonly Place[] {
  const shared = ENVIRONMENTS.flatMap((name) => [
    { written: `acme-${name}.eu.auth0.com`, here: auth0.domain, caPem },
    { written: `https://acme-${name}.okta.com`, here: okta.url, caPem },
  ]);
  return [
    { written: "acme.eu.auth0.com", here: auth0.domain, caPem },
    { written: "https://acme.okta.com", here: okta.url, caPem },
    ...(keycloak === undefined
      ? []
      : [{ written: "https://sso.example.com", here: keycloak.url, caPem: keycloak.caPem }]),
    ...Object.entries(moreOrgs).map(([written, org]) => ({ written, here: org.okta.url, caPem: org.caPem })),
    ...shared.filter(({ written }) => moreOrgs[written] === undefined),
  ];
}

const TENANT = /^ {2}(?:auth0|okta|keycloak):\n(?: {4}(?:domain|orgUrl|url|realm): .*\n)+/gm;
const RATE_LIMIT = /^ {2}rateLimit:\n(?: {4}.*\n)+/m;

/** The text of an example, with what is different here: where the tenants are, and whom to trust there. */
export function rewritten(text: string, tenants: Tenants, rateLimit?: string): string {
  const places = placesOf(tenants);
  const trusting = text.replaceAll(TENANT, (section) => {
    const caPem = places.find(({ written }) => section.includes(` ${written}\n`))?.caPem;
    if (caPem === undefined) return section;
    return `${section}  caBundle: |\n    ${caPem.trimEnd().split("\n").join("\n    ")}\n`;
  });
  const moved = places.reduce((before, { written, here }) => before.replaceAll(written, here), trusting);
  return rateLimit === undefined ? moved : moved.replace(RATE_LIMIT, rateLimit);
}

/** Copies the examples, rewritten. `rateLimit` replaces those of the texts. */
export function rewriteExamples(target: string, tenants: Tenants, rateLimit?: string): void {
  cpSync(EXAMPLES, target, { recursive: true });
  const rewrite = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) rewrite(path);
      else if (name.endsWith(".yaml")) writeFileSync(path, rewritten(readFileSync(path, "utf8"), tenants, rateLimit));
    }
  };
  rewrite(target);
}
