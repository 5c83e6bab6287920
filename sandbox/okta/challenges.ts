import { DPOP_ALGORITHMS } from "./dpop.ts";
import { OktaError } from "./errors.ts";
import type { Org } from "./org.ts";

/** At a resource the reason is in a header (RFC 9449 section 7.1), and there is no body (not recorded). */
export async function challenged(org: Org, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (refused) {
    if (!(refused instanceof OktaError)) throw refused;
    const { error, error_description: text } = refused.body as { error: string; error_description: string };
    const algorithms = `algs="${DPOP_ALGORITHMS.join(" ")}"`;
    const where = `authorization_uri="${org.url}/oauth2/v1/authorize"`;
    throw new OktaError(refused.status, undefined, {
      "www-authenticate": `DPoP ${algorithms}, ${where}, error="${error}", error_description="${text}"`,
    });
  }
}

/** RFC 6750 section 3.1. No body; the header as it was reported, with http in it. */
export function insufficientScope({ host }: Org, scheme: string, scope: string, path: string): OktaError {
  const members = [
    `authorization_uri="http://${host}/oauth2/v1/authorize"`,
    `realm="http://${host}"`,
    `scope="${scope}"`,
    `error="insufficient_scope"`,
    `error_description="The access token provided does not contain the required scopes."`,
    `resource="${path}"`,
  ];
  return new OktaError(403, undefined, { "www-authenticate": `${scheme} ${members.join(", ")}` });
}
