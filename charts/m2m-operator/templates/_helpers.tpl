{{- define "m2m-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Shorter than the limit of names, so that suffixes fit. */}}
{{- define "m2m-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 44 | trimSuffix "-" }}
{{- else if contains (include "m2m-operator.name" .) .Release.Name }}
{{- .Release.Name | trunc 44 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "m2m-operator.name" .) | trunc 44 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "m2m-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "m2m-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "m2m-operator.labels" -}}
{{ include "m2m-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "m2m-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "m2m-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is required if serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "m2m-operator.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- /* Not empty if the operator watches single namespaces. */}}
{{- define "m2m-operator.isNamespaced" -}}
{{- if .Values.watchNamespaces }}true{{ end }}
{{- end }}

{{- /* Not empty if the operator reconciles ClusterIdentityProviders. */}}
{{- define "m2m-operator.clusterProviders" -}}
{{- if kindIs "invalid" .Values.clusterProviders }}
{{- if not .Values.watchNamespaces }}true{{ end }}
{{- else if .Values.clusterProviders }}true{{ end }}
{{- end }}

{{- /* Not empty if /metrics requires authorization, which needs cluster-wide permissions. */}}
{{- define "m2m-operator.metricsAuthorization" -}}
{{- if kindIs "invalid" .Values.metrics.authorization.enabled }}
{{- if not .Values.watchNamespaces }}true{{ end }}
{{- else if .Values.metrics.authorization.enabled }}true{{ end }}
{{- end }}

{{- /* Not empty if evictions wait for another replica. */}}
{{- define "m2m-operator.podDisruptionBudget" -}}
{{- if kindIs "invalid" .Values.podDisruptionBudget.enabled }}
{{- if gt (int .Values.replicas) 1 }}true{{ end }}
{{- else if .Values.podDisruptionBudget.enabled }}true{{ end }}
{{- end }}

{{- /* Generated once. The stored ID takes precedence, and the chart refuses another value. */}}
{{- define "m2m-operator.instanceId" -}}
{{- $name := printf "%s-instance" (include "m2m-operator.fullname" .) }}
{{- $kept := dig "data" "id" "" (lookup "v1" "ConfigMap" .Release.Namespace $name | default dict) }}
{{- if and $kept .Values.instanceId (ne $kept .Values.instanceId) }}
{{- fail (printf "instanceId is %q since the installation and cannot change to %q: with another ID, the operator would not recognize its own objects" $kept .Values.instanceId) }}
{{- end }}
{{- coalesce $kept .Values.instanceId (randAlphaNum 12 | lower) }}
{{- end }}

{{- /* Subjects of a binding: the ServiceAccount of the operator. */}}
{{- define "m2m-operator.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "m2m-operator.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}

{{- /* A Role with its binding. Arguments: root, name, namespace, scope of the rules. */}}
{{- define "m2m-operator.role" -}}
{{- $metadata := printf "name: %s\nnamespace: %s\nlabels:\n%s" .name .namespace (include "m2m-operator.labels" .root | indent 2) }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- $metadata | nindent 2 }}
rules:
  {{- include (printf "m2m-operator.rules.%s" .scope) .root | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- $metadata | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
{{ include "m2m-operator.subjects" .root }}
{{- end }}
