const LABELS = { "app.kubernetes.io/name": "m2m-operator" };

/** The operator's Deployment where no chart makes it. What differs between installations comes from the Subscription. */
export function operatorDeployment(image: string): object {
  return {
    replicas: 1,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        serviceAccountName: "m2m-operator",
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [container(image)],
      },
    },
  };
}

function container(image: string): object {
  const probe = (path: string): object => ({ httpGet: { path, port: "http" } });
  return {
    name: "operator",
    image,
    env: [{ name: "M2M_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
    ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
    livenessProbe: probe("/healthz"),
    readinessProbe: probe("/readyz"),
    resources: { requests: { cpu: "50m", memory: "192Mi" }, limits: { memory: "512Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}
