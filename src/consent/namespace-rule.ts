/** A namespace as consent rules see it. */
export interface NamespaceLabels {
  readonly name: string;
  /** `undefined` while they are not known: then no selector matches, whatever it says. */
  readonly labels: Readonly<Record<string, string>> | undefined;
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

/**
 * Whether the rule is about this namespace. An empty selector matches every namespace, as everywhere in Kubernetes; a
 * rule that lacks what its `from` or an operator needs matches none.
 */
export function matchesNamespace(rule: NamespaceRule, namespace: NamespaceLabels): boolean {
  switch (rule.from) {
    case "All":
      return true;
    case "Names":
      return (rule.names ?? []).includes(namespace.name);
    case "Selector":
      return matchesSelector(rule.selector, namespace.labels);
  }
}

type Labels = Readonly<Record<string, string>>;

function matchesSelector(selector: NamespaceRule["selector"], labels: Labels | undefined): boolean {
  if (selector === undefined || labels === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(labels, key) === value) &&
    matchExpressions.every((expression) => matchesExpression(expression, labels))
  );
}

/** Own labels only: `toString` is no label. */
function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function matchesExpression({ key, operator, values = [] }: LabelExpression, labels: Labels): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return values.length > 0 && (value === undefined || !values.includes(value));
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}
