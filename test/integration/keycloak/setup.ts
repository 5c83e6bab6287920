import { relative, sep } from "node:path";
import type { TestProject } from "vitest/node";
import { whyNoKeycloak } from "../../../keycloak/distribution.ts";
import { startKeycloak } from "../../../keycloak/start.ts";
import type { ProvidedKeycloak } from "./server.ts";

interface Started {
  readonly provided: ProvidedKeycloak;
  readonly stop: () => Promise<void>;
}

/** `.ci/run` and CI have Java: there a missing server is a failure, and elsewhere the files report themselves skipped. */
const IS_NEEDED = process.env["CI"] === "true" || process.env["M2M_TEST_KEYCLOAK"] === "required";

/** One real Keycloak for the whole run, where a file of this run is in a folder of that name. It trusts these authorities (PEM). */
export async function startKeycloakFor({ vitest }: TestProject, trusted: readonly string[]): Promise<Started> {
  const isOurs = (path: string): boolean => relative(vitest.config.root, path).split(sep).includes("keycloak");
  if (!vitest.state.getPaths().some(isOurs)) return without("no file of this run needs it");
  const why = whyNoKeycloak();
  if (why !== undefined && IS_NEEDED) throw new Error(why);
  if (why !== undefined) return without(why);
  const log = (line: string): void => {
    console.log(line);
  };
  const server = await startKeycloak({ log, trusted });
  return { provided: { url: server.url, caPem: server.caPem }, stop: () => server.stop() };
}

const without = (missing: string): Started => ({ provided: { missing }, stop: () => Promise.resolve() });
