/** A namespace as consent rules see it. */
export interface NamespaceLabels {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NamespaceRule {
  readonly from: "All" | "Selector" | "Names";
  readonly selector?:
    | {
        readonly matchLabels?: Readonly<Record<string, string>> | undefined;
        readonly matchExpressions?: readonly LabelExpression[] | undefined;
      }
    | undefined;
  readonly names?: readonly string[] | undefined;
}

export interface LabelExpression {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[] | undefined;
}

/** Whether the rule is about this namespace. An empty selector matches every namespace, as everywhere in Kubernetes. */
export function matchesNamespace(rule: NamespaceRule, namespace: NamespaceLabels): boolean {
  switch (rule.from) {
    case "All":
      return true;
    case "Names":
      return (rule.names ?? []).includes(namespace.name);
    case "Selector": {
      const { matchLabels = {}, matchExpressions = [] } = rule.selector ?? {};
      return (
        Object.entries(matchLabels).every(([key, value]) => labelOf(namespace, key) === value) &&
        matchExpressions.every((expression) => matchesExpression(expression, namespace))
      );
    }
  }
}

/** Own labels only: `toString` is no label. */
function labelOf({ labels }: NamespaceLabels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function matchesExpression({ key, operator, values = [] }: LabelExpression, namespace: NamespaceLabels): boolean {
  const value = labelOf(namespace, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}
