import { parseAllDocuments, stringify } from "yaml";

interface Policy {
  readonly metadata: { readonly name: string };
}

/** The chart's template of what `deploy/policies` ships, by the contents of its files. Only its values turn it on. */
export function admissionPoliciesTemplate(files: readonly string[]): string {
  const objects = files.flatMap((file) => parseAllDocuments(file).map((document) => document.toJS() as Policy));
  const blocks = objects.map((object) => templated(stringify(labelled(object), { lineWidth: 0 })));
  return [
    "{{- /* Generated from deploy/policies by npm run generate. Do not edit. */}}\n",
    "{{- if .Values.admissionPolicies.enabled }}\n",
    ...blocks.map((block) => `---\n${block}`),
    "{{- end }}\n",
  ].join("");
}

const labelled = (object: Policy): Policy => ({
  ...object,
  metadata: { ...object.metadata, labels: "LABELS" } as Policy["metadata"],
});

/** With the release's own names in place of those of the kustomization. */
function templated(text: string): string {
  return text
    .replaceAll(
      "system:serviceaccount:m2m-system:m2m-operator",
      'system:serviceaccount:{{ .Release.Namespace }}:{{ include "m2m-operator.serviceAccountName" . }}',
    )
    .replaceAll("m2m-system", "{{ .Release.Namespace }}")
    .replaceAll("m2m-operator-", '{{ include "m2m-operator.fullname" . }}-')
    .replaceAll("labels: LABELS", 'labels:\n    {{- include "m2m-operator.labels" . | nindent 4 }}');
}
