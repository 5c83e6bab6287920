import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { GROUP, type KindName, KINDS } from "../../src/kinds/registry.ts";

const SOURCES = join(import.meta.dirname, "../../deploy/argocd/lua");
const lua = (path: string): string => readFileSync(join(SOURCES, `${path}.lua`), "utf8");

/** What a person can do with an object of each kind in Argo CD, and whether it is offered while the object is paused. */
const ACTIONS: readonly { readonly name: string; readonly only?: KindName; readonly isFor: "running" | "paused" }[] = [
  { name: "reconcile", isFor: "running" },
  { name: "rotate", only: "M2MClient", isFor: "running" },
  { name: "pause", isFor: "running" },
  { name: "resume", isFor: "paused" },
];

const actionsOf = (kind: KindName) => ACTIONS.filter(({ only }) => only === undefined || only === kind);

function discoveryOf(kind: KindName): string {
  const lines = actionsOf(kind).map(
    ({ name, isFor }) => `actions["${name}"] = { ["disabled"] = ${isFor === "paused" ? "not paused" : "paused"} }`,
  );
  return `local annotations = obj.metadata.annotations
local paused = annotations ~= nil and annotations["${GROUP}/paused"] == "true"
local actions = {}
${lines.join("\n")}
return actions
`;
}

/** The scripts in the layout of Argo CD's own `resource_customizations`, and as a patch of its ConfigMap. */
export function argocdFiles(): ReadonlyMap<string, string> {
  const files = new Map([["deploy/argocd/argocd-cm.yaml", configMap()]]);
  for (const { kind } of KINDS) {
    const folder = `deploy/argocd/${GROUP}/${kind}`;
    files.set(`${folder}/health.lua`, lua("health"));
    files.set(`${folder}/actions/discovery.lua`, discoveryOf(kind));
    for (const { name } of actionsOf(kind)) files.set(`${folder}/actions/${name}/action.lua`, lua(`actions/${name}`));
  }
  return files;
}

function configMap(): string {
  const data = KINDS.flatMap(({ kind }) => [
    [`resource.customizations.health.${GROUP}_${kind}`, lua("health")],
    [`resource.customizations.actions.${GROUP}_${kind}`, actionsText(kind)],
  ]);
  const document = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "argocd-cm",
      namespace: "argocd",
      labels: { "app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": "argocd" },
    },
    data: Object.fromEntries(data) as Readonly<Record<string, string>>,
  };
  return `# Generated from deploy/argocd/lua by npm run generate. Do not edit.\n${stringify(document, { lineWidth: 0 })}`;
}

function actionsText(kind: KindName): string {
  const definitions = actionsOf(kind).map(({ name }) => ({ name, "action.lua": lua(`actions/${name}`) }));
  return stringify({ "discovery.lua": discoveryOf(kind), definitions }, { lineWidth: 0 });
}
