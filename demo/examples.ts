import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXAMPLE_DOMAIN } from "./environment.ts";
import type { Sandbox } from "../sandbox/start.ts";

const EXAMPLES = join(import.meta.dirname, "../deploy/examples");

const RATE_LIMIT = "  rateLimit:\n    requestsPerMinute: 120\n    burst: 10\n";

/**
 * Copies the examples, with what is different here: the tenant's domain and the authority of its certificate.
 * `rateLimit` replaces the one of the texts.
 */
export function rewriteExamples(target: string, { auth0, caPem }: Sandbox, rateLimit: string = RATE_LIMIT): void {
  cpSync(EXAMPLES, target, { recursive: true });
  const ca = caPem.trimEnd().split("\n").join("\n    ");
  const rewrite = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) rewrite(path);
      else if (name.endsWith(".yaml"))
        writeFileSync(
          path,
          readFileSync(path, "utf8")
            .replaceAll(EXAMPLE_DOMAIN, auth0.domain)
            .replaceAll(RATE_LIMIT, rateLimit)
            .replaceAll("  credentialsSecretRef:\n", `  caBundle: |\n    ${ca}\n  credentialsSecretRef:\n`),
        );
    }
  };
  rewrite(target);
}
