/** Kinds of other projects, by API version, and the packages that are generated from their CRDs. */
const MODELS: Readonly<Record<string, () => Promise<unknown>>> = {
  "argoproj.io/v1alpha1": () => import("@kubernetes-models/argo-cd/argoproj.io/v1alpha1"),
  "external-secrets.io/v1": () => import("@kubernetes-models/external-secrets/external-secrets.io/v1"),
  "external-secrets.io/v1alpha1": () => import("@kubernetes-models/external-secrets/external-secrets.io/v1alpha1"),
  "kustomize.toolkit.fluxcd.io/v1": () => import("@kubernetes-models/flux-cd/kustomize.toolkit.fluxcd.io/v1"),
  "source.toolkit.fluxcd.io/v1": () => import("@kubernetes-models/flux-cd/source.toolkit.fluxcd.io/v1"),
  "monitoring.coreos.com/v1": () => import("@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1"),
};

type Model = new (document: object) => { validate(): void };

/** What a document of another project's kind does wrong by that project's schema; `undefined` when it is right. */
export async function foreignFault(document: { readonly apiVersion: string; readonly kind: string }) {
  const load = MODELS[document.apiVersion];
  if (load === undefined) return `no schema of ${document.apiVersion} is known here`;
  const Kind = ((await load()) as Readonly<Record<string, Model | undefined>>)[document.kind];
  if (Kind === undefined) return `${document.apiVersion} has no ${document.kind}`;
  try {
    new Kind(document).validate();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "invalid";
  }
}
