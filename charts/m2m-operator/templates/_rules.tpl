{{- /* Generated from src/assembly/permissions.ts by npm run generate. Do not edit. */}}
{{- define "m2m-operator.rules.cluster" }}
{{- if include "m2m-operator.clusterProviders" . }}
- apiGroups:
    - m2m-operator.io
  resources:
    - clusteridentityproviders
  verbs:
    - list
    - watch
    - patch
- apiGroups:
    - m2m-operator.io
  resources:
    - clusteridentityproviders/status
  verbs:
    - update
{{- end }}
{{- if and (include "m2m-operator.isNamespaced" .) (include "m2m-operator.clusterProviders" .) }}
- apiGroups:
    - ""
  resources:
    - namespaces
  verbs:
    - list
    - watch
{{- end }}
{{- if include "m2m-operator.metricsAuthorization" . }}
- apiGroups:
    - authentication.k8s.io
  resources:
    - tokenreviews
  verbs:
    - create
- apiGroups:
    - authorization.k8s.io
  resources:
    - subjectaccessreviews
  verbs:
    - create
{{- end }}
{{- end }}

{{- define "m2m-operator.rules.watched" }}
- apiGroups:
    - m2m-operator.io
  resources:
    - identityproviders
    - oauthapis
    - m2mclients
    - scopegrants
  verbs:
    - list
    - watch
    - patch
- apiGroups:
    - m2m-operator.io
  resources:
    - identityproviders/status
    - oauthapis/status
    - m2mclients/status
    - scopegrants/status
    - changepreviews/status
    - m2mclients/finalizers
    - oauthapis/finalizers
    - scopegrants/finalizers
  verbs:
    - update
- apiGroups:
    - m2m-operator.io
  resources:
    - changepreviews
  verbs:
    - get
    - list
    - watch
    - delete
- apiGroups:
    - ""
  resources:
    - secrets
    - configmaps
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - ""
  resources:
    - serviceaccounts
  verbs:
    - get
- apiGroups:
    - events.k8s.io
  resources:
    - events
  verbs:
    - create
    - patch
{{- if not (include "m2m-operator.isNamespaced" .) }}
- apiGroups:
    - ""
  resources:
    - namespaces
  verbs:
    - list
    - watch
{{- end }}
{{- if and (include "m2m-operator.isNamespaced" .) (not (include "m2m-operator.clusterProviders" .)) }}
- apiGroups:
    - ""
  resources:
    - namespaces
  verbs:
    - get
    - watch
{{- end }}
{{- if .Values.podAwareness }}
- apiGroups:
    - ""
  resources:
    - pods
  verbs:
    - list
    - watch
{{- end }}
{{- if .Values.tokenRequests }}
- apiGroups:
    - ""
  resources:
    - serviceaccounts/token
  verbs:
    - create
{{- end }}
{{- end }}

{{- define "m2m-operator.rules.credentials" }}
{{- if and (include "m2m-operator.isNamespaced" .) (include "m2m-operator.clusterProviders" .) }}
- apiGroups:
    - ""
  resources:
    - secrets
  verbs:
    - get
    - list
    - watch
    - patch
{{- end }}
{{- end }}

{{- define "m2m-operator.rules.own" }}
{{- if .Values.leaderElection.enabled }}
- apiGroups:
    - coordination.k8s.io
  resources:
    - leases
  verbs:
    - create
    - list
- apiGroups:
    - coordination.k8s.io
  resources:
    - leases
  resourceNames:
    - {{ include "m2m-operator.fullname" . }}
  verbs:
    - get
    - update
{{- end }}
{{- if gt (int .Values.shards) 1 }}
- apiGroups:
    - coordination.k8s.io
  resources:
    - leases
  verbs:
    - get
    - update
    - delete
{{- end }}
- apiGroups:
    - ""
  resources:
    - secrets
  verbs:
    - create
- apiGroups:
    - ""
  resources:
    - secrets
  resourceNames:
    - {{ include "m2m-operator.fullname" . }}-proof-key
  verbs:
    - get
{{- end }}

{{- define "m2m-operator.rules.default" }}
{{- if and (include "m2m-operator.isNamespaced" .) (include "m2m-operator.clusterProviders" .) }}
- apiGroups:
    - events.k8s.io
  resources:
    - events
  verbs:
    - create
    - patch
{{- end }}
{{- end }}
