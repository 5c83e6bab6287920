import type { Check, Hit } from "../check.ts";

/** No alert of the operator is installed. */
export const noAlerts: Check = {
  name: "no-alerts",
  severity: "warning",
  reports: "No PrometheusRule of the cluster has an alert of the operator.",
  risk: "Nobody notices a rotation that is stuck, or a tenant that refuses the operator.",
  todo: "Set metrics.rules.enabled of the chart, or install the rules in charts/m2m-operator/files/alerts.yaml.",
  needs: ["operator", "alerts"],
  find: ({ hasAlerts, operators }) =>
    hasAlerts
      ? []
      : operators.map((operator) => ({ on: operator, why: "No PrometheusRule has an alert of the operator." })),
};

/** CRDs of another version than the operator. */
export const crdVersion: Check = {
  name: "crd-version",
  severity: "error",
  reports: "A CRD of the operator is of another version than its Deployment.",
  risk: "The API server drops fields of the spec and of the status that the CRD does not define.",
  todo: "Install the CRDs of the operator's version.",
  needs: ["operator", "definitions"],
  find: ({ definitions, operators }) => {
    const versions = new Set(operators.flatMap(({ version }) => (version === undefined ? [] : [version])));
    return definitions
      .filter(({ version }) => version === undefined || [...versions].some((wanted) => wanted !== version))
      .map((definition): Hit => {
        const own = definition.version === undefined ? "has no version" : `is of version ${definition.version}`;
        return { on: definition, why: `The CRD ${own}. The operator is of version ${[...versions].join(", ")}.` };
      });
  },
};

/** A plugin of another version than the operator. */
export const pluginVersion: Check = {
  name: "plugin-version",
  severity: "info",
  reports: "This kubectl plugin is of another version than the operator.",
  risk: "The plugin may not know new fields and conditions.",
  todo: "Install the plugin of the operator's version.",
  needs: ["operator"],
  find: ({ operators, pluginVersion: own }) =>
    operators.flatMap((operator): readonly Hit[] =>
      operator.version === undefined || operator.version === own
        ? []
        : [{ on: operator, why: `The operator is of version ${operator.version}, and this plugin of version ${own}.` }],
    ),
  unjudged: ({ operators }) =>
    operators
      .filter(({ version }) => version === undefined)
      .map((operator) => ({ on: operator, why: "neither its labels nor its image name a version" })),
};
