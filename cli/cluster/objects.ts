import { type KindDefinition, GROUP, VERSION } from "../../src/kinds/registry.ts";
import type { BaseStatus } from "../../src/kinds/status/report.ts";
import { isNotFound } from "../../src/kube/kube-error.ts";
import { listAll } from "../../src/kube/listing.ts";
import { collectionPath } from "../../src/kube/resources.ts";
import { nearestName } from "../../src/ports/nearest-name.ts";
import type { Resource } from "../../src/ports/resource.ts";
import { Failure } from "../failure.ts";
import { nameOf, type Target } from "./kinds.ts";
import type { OpenCluster } from "./open.ts";
import { type Attempt, explained, isKindMissing } from "./refusal.ts";

/** A resource of the operator, of any kind. */
export type AnyResource = Resource<unknown, BaseStatus>;

const PAGE_SIZE = 500;

const attemptOf = (verb: Attempt["verb"], definition: KindDefinition, namespace: string | undefined): Attempt => ({
  ...{ verb, plural: definition.plural, group: GROUP },
  namespace: definition.scope === "Cluster" ? undefined : namespace,
});

const pathOf = ({ plural, scope }: KindDefinition, namespace: string | undefined): string =>
  collectionPath({ group: GROUP, version: VERSION, plural }, scope === "Cluster" ? undefined : namespace);

/** Throws a Failure that says what to do. An unknown name gets the nearest one. */
export async function readResource<R extends AnyResource>(cluster: OpenCluster, target: Target): Promise<R> {
  return (await findResource<R>(cluster, target)) ?? (await unknownName(cluster, target));
}

/** `undefined` when there is no such object. */
export async function findResource<R extends AnyResource>(
  { connection, namespace }: OpenCluster,
  { definition, name }: Target,
): Promise<R | undefined> {
  try {
    const path = `${pathOf(definition, namespace)}/${name}`;
    return await connection.request<R>({ method: "GET", path });
  } catch (error) {
    if (isNotFound(error) && !isKindMissing(error)) return undefined;
    throw explained(error, attemptOf("get", definition, namespace), connection.host);
  }
}

/** All resources of a kind. `namespace`: `undefined` for all of them. Rejects with what the API server said. */
export async function listResources<R extends AnyResource>(
  { connection }: OpenCluster,
  definition: KindDefinition,
  namespace: string | undefined,
): Promise<readonly R[]> {
  const path = pathOf(definition, namespace);
  const options = { connection, path, isMetadataOnly: false, pageSize: PAGE_SIZE };
  const { items } = await listAll<R>(options, AbortSignal.timeout(120_000));
  // Members of a list do not name their kind.
  return items.map((item) => ({ ...item, apiVersion: `${GROUP}/${VERSION}`, kind: definition.kind }));
}

/** The attempt behind `listResources`, for notes and failures. */
export const listAttempt = (definition: KindDefinition, namespace: string | undefined): Attempt =>
  attemptOf("list", definition, namespace);

/** Sets annotations, or removes those that are null. Returns the object as the API server has it now. */
export async function annotate<R extends AnyResource>(
  cluster: OpenCluster,
  target: Target,
  annotations: Readonly<Record<string, string | null>>,
): Promise<R> {
  const { connection, namespace } = cluster;
  const { definition, name } = target;
  try {
    return await connection.request<R>({
      method: "PATCH",
      path: `${pathOf(definition, namespace)}/${name}`,
      query: { fieldManager: "kubectl-m2m" },
      contentType: "application/merge-patch+json",
      body: { metadata: { annotations } },
    });
  } catch (error) {
    if (isNotFound(error) && !isKindMissing(error)) return unknownName(cluster, target);
    throw explained(error, attemptOf("patch", definition, namespace), connection.host);
  }
}

async function unknownName(cluster: OpenCluster, { definition, name }: Target): Promise<never> {
  const namespace = definition.scope === "Cluster" ? undefined : cluster.namespace;
  const known = await listResources(cluster, definition, namespace).catch((): readonly AnyResource[] => []);
  const near = nearestName(
    name,
    known.map(({ metadata }) => metadata.name),
  );
  const where = { name, ...(namespace === undefined ? {} : { namespace }) };
  const advice =
    near === undefined
      ? `List them: kubectl get ${definition.plural}${namespace === undefined ? "" : ` -n ${namespace}`}.`
      : `Did you mean "${near}"?`;
  throw new Failure(`${nameOf(definition.kind, where)} does not exist.`, advice);
}
