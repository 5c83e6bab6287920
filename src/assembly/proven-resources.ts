import { proofOf, provenPart, type Sign } from "../ownership/status-proof.ts";
import type { ResourceClient } from "../ports/cluster.ts";
import type { Resource } from "../ports/resource.ts";

export interface Prover {
  readonly instance: string;
  readonly sign: Sign;
}

/** Resources whose status can be believed: every write carries a proof, and every read leaves out what has none. */
export function provenResources<R extends Resource>(
  client: ResourceClient<R>,
  { instance, sign }: Prover,
): ResourceClient<R> {
  // Objects in the cache are never changed in place, so each is judged once.
  const judged = new WeakMap<R, R>();
  const proven = (resource: R): R => {
    const known = judged.get(resource) ?? provenPart(resource, instance, sign);
    judged.set(resource, known);
    return known;
  };
  return {
    get: (namespace, name) => {
      const resource = client.get(namespace, name);
      return resource === undefined ? undefined : proven(resource);
    },
    list: () => client.list().map(proven),
    byIndex: (index, value) => client.byIndex(index, value).map(proven),
    writeStatus: async (resource, status) => {
      const written = { ...(status as object), proof: proofOf(resource, status, instance, sign) };
      const answer = await client.writeStatus(resource, written);
      // The API server's answer to this very write.
      judged.set(answer, answer);
      return answer;
    },
    setFinalizer: (resource, isPresent) => client.setFinalizer(resource, isPresent),
  };
}
