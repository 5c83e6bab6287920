import type { Versioned } from "../doctor/facts.ts";
import { INSTANCE_VARIABLE } from "../doctor/workload.ts";
import { GROUP } from "../../src/kinds/registry.ts";
import { CRD_VERSION } from "../../src/kinds/schema/annotations.ts";
import type { KubeObject } from "../../src/kube/store.ts";
import { type Listed, listed, mapped } from "./listed.ts";
import type { OpenCluster } from "./open.ts";

const VERSION_LABEL = "app.kubernetes.io/version";

interface Deployment extends KubeObject {
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } } };
}

interface Container {
  readonly image?: string;
  readonly env?: readonly { readonly name: string }[];
}

/** Deployments of the operator, in every namespace. */
export async function listOperators(cluster: OpenCluster): Promise<Listed<Versioned>> {
  const all = await listed<Deployment>(cluster, { group: "apps", version: "v1", plural: "deployments" }, undefined);
  const found = mapped(all, ({ metadata, spec }) => {
    const container = spec?.template?.spec?.containers?.find(({ env = [] }) =>
      env.some(({ name }) => name === INSTANCE_VARIABLE),
    );
    const version = metadata.labels?.[VERSION_LABEL] ?? tagOf(container?.image ?? "");
    return container === undefined ? [] : [{ kind: "Deployment", metadata, version }];
  });
  return "items" in found && found.items.length === 0 ? { why: "no Deployment of the operator in the cluster" } : found;
}

/** `undefined` for an image that is named by its digest. */
const tagOf = (image: string): string | undefined => /^[^@]*:([^/:@]+)$/.exec(image)?.[1];

/** The operator's CRDs. */
export async function listDefinitions(cluster: OpenCluster): Promise<Listed<Versioned>> {
  const resource = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
  const all = await listed<KubeObject>(cluster, resource, undefined);
  return mapped(all, ({ metadata }) => {
    const { annotations, labels, name } = metadata;
    const version = annotations?.[CRD_VERSION] ?? labels?.[VERSION_LABEL];
    return name.endsWith(`.${GROUP}`) ? [{ kind: "CustomResourceDefinition", metadata, version }] : [];
  });
}

interface PrometheusRule extends KubeObject {
  readonly spec?: { readonly groups?: readonly { readonly rules?: readonly { readonly alert?: string }[] }[] };
}

/** Names of the operator's alerts that the cluster has. */
export async function listAlerts(cluster: OpenCluster): Promise<Listed<string>> {
  const resource = { group: "monitoring.coreos.com", version: "v1", plural: "prometheusrules" };
  return mapped(await listed<PrometheusRule>(cluster, resource, undefined), ({ spec }) =>
    (spec?.groups ?? []).flatMap(({ rules = [] }) =>
      rules.flatMap(({ alert = "" }) => (alert.startsWith("M2M") ? [alert] : [])),
    ),
  );
}
