import { workloadFactsOf, type WorkloadFacts } from "../doctor/workload.ts";
import type { Pod } from "../../src/kube/pod-facts.ts";
import type { KubeObject } from "../../src/kube/store.ts";
import { type Listed, listed, listedTogether, mapped } from "./listed.ts";
import type { OpenCluster } from "./open.ts";

interface Template {
  readonly spec?: NonNullable<Pod["spec"]>;
}

/** A workload with a template of its Pods. A CronJob has it one level deeper. */
interface Templated extends KubeObject {
  readonly spec?: {
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec?: { readonly template?: Template } };
  };
}

const TEMPLATED = [
  ["Deployment", "apps", "deployments"],
  ["StatefulSet", "apps", "statefulsets"],
  ["DaemonSet", "apps", "daemonsets"],
  ["CronJob", "batch", "cronjobs"],
] as const;

/** Pods that run, and the templates of those that run at other times. */
export function listWorkloads(cluster: OpenCluster, namespace: string | undefined): Promise<Listed<WorkloadFacts>> {
  const templates = TEMPLATED.map(async ([kind, group, plural]) => {
    const list = await listed<Templated>(cluster, { group, version: "v1", plural }, namespace);
    return mapped(list, (item) => factsOf(kind, { metadata: item.metadata, ...specOf(item) }));
  });
  return listedTogether(listedPods(cluster, namespace), ...templates);
}

async function listedPods(cluster: OpenCluster, namespace: string | undefined): Promise<Listed<WorkloadFacts>> {
  const pods = await listed<Pod>(cluster, { group: "", version: "v1", plural: "pods" }, namespace);
  return mapped(pods, (pod) => factsOf("Pod", pod));
}

function specOf({ spec }: Templated): Pick<Pod, "spec"> {
  const template = spec?.jobTemplate?.spec?.template ?? spec?.template;
  return template?.spec === undefined ? {} : { spec: template.spec };
}

function factsOf(kind: string, pod: Pod): readonly WorkloadFacts[] {
  const facts = workloadFactsOf(kind, pod);
  return facts === undefined ? [] : [facts];
}
