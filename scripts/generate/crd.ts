import { stringify } from "yaml";
import { CRD_VERSION } from "../../src/kinds/schema/annotations.ts";
import { GROUP, type KindDefinition, VERSION } from "../../src/kinds/registry.ts";
import { OPERATOR_VERSION } from "../../src/version.ts";
import { UNOBSERVED } from "../../src/kinds/schema/status.ts";
import { structuralSchema } from "./structural.ts";

const READY = `.status.conditions[?(@.type=="Ready")]`;

/** The CustomResourceDefinition of one kind, as YAML. */
export function crdYaml(definition: KindDefinition): string {
  const { kind, plural, shortNames, scope } = definition;
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}`, annotations: { [CRD_VERSION]: OPERATOR_VERSION } },
    spec: {
      group: GROUP,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames, categories: ["m2m"] },
      scope,
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columnsOf(definition),
          schema: { openAPIV3Schema: rootSchema(definition) },
        },
      ],
    },
  };
  return `# Generated from src/kinds by npm run generate. Do not edit.\n${stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function columnsOf({ columns }: KindDefinition): readonly object[] {
  return [
    { name: "Ready", type: "string", jsonPath: `${READY}.status` },
    { name: "Reason", type: "string", jsonPath: `${READY}.reason` },
    ...columns.map(({ name, jsonPath, type = "string", priority }) => ({
      name,
      type,
      jsonPath,
      ...(priority === undefined ? {} : { priority }),
    })),
    { name: "Message", type: "string", jsonPath: `${READY}.message`, priority: 1 },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ];
}

function rootSchema({ description, schema, maxNameLength, rules = [] }: KindDefinition): object {
  const { properties = {} } = structuralSchema(schema);
  const { status } = properties;
  const nameRule = {
    rule: `size(self.metadata.name) <= ${String(maxNameLength)}`,
    message: `metadata.name may have at most ${String(maxNameLength)} characters`,
  };
  const validations = [...(maxNameLength === undefined ? [] : [nameRule]), ...rules];
  return {
    description,
    type: "object",
    required: ["spec"],
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      ...properties,
      status: { ...status, default: { observedGeneration: UNOBSERVED } },
    },
    ...(validations.length === 0 ? {} : { "x-kubernetes-validations": validations }),
  };
}
