import type { M2MClient } from "../../../src/kinds/m2m-client/schema.ts";
import { styledKeys } from "../../../src/publication/keys.ts";
import type { Check, Hit } from "../check.ts";
import { declarationOf, providerOf } from "../relations.ts";

/** A workload that reads one secret at its start, where the vendor accepts one secret at a time. */
export const noFallback: Check = {
  name: "no-fallback",
  severity: "warning",
  reports:
    "A workload reads a client secret from a variable or a `subPath` mount, and not the next one. The vendor accepts one secret at a time (Auth0, Keycloak).",
  risk: "Token requests fail after a rotation, until the workload restarts.",
  todo: "Mount the Secret as files, or also read the key next_client_secret. See docs/rotation.md.",
  needs: ["clients", "workloads"],
  wants: ["providers"],
  find: (facts) =>
    facts.clients.flatMap((client): readonly Hit[] => {
      const provider = providerOf(facts, client);
      const overlap = provider === undefined ? undefined : declarationOf(provider)?.capabilities.secretOverlap;
      const isSecret = client.status?.authenticationMethod?.startsWith("client_secret") === true;
      if (overlap === undefined || overlap === "full" || !isSecret) return [];
      const secret = client.status?.binding?.name;
      return facts.workloads
        .filter(({ namespace }) => namespace === client.metadata.namespace)
        .filter(({ readsAtStart }) =>
          lacksNext(
            client,
            readsAtStart.filter((read) => read.secret === secret).map(({ key }) => key),
          ),
        )
        .map(({ kind, name }) => ({
          on: client,
          why: `${kind} ${name} reads the secret only at its start, and does not read the next one.`,
        }));
    }),
};

/** `keys`: what a workload reads. `undefined` stands for every key. */
function lacksNext({ spec }: M2MClient, keys: readonly (string | undefined)[]): boolean {
  const { keyStyle = "Snake", keyPrefix = "", template } = spec.secret ?? {};
  // Keys of a template have names of their own.
  const templated = Object.entries(template?.data ?? {});
  const keysOf = (name: string): readonly string[] => [
    ...Object.keys(styledKeys({ [name]: "" }, keyStyle, keyPrefix)),
    ...templated.filter(([, text]) => new RegExp(`\\b${name}\\b`).test(text)).map(([key]) => key),
  ];
  const [now, next] = [keysOf("client_secret"), keysOf("next_client_secret")];
  const reads = (wanted: readonly string[]): boolean =>
    wanted.length > 0 && keys.some((key) => key === undefined || wanted.includes(key));
  return reads(now) && !reads(next);
}
