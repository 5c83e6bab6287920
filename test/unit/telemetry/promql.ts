import { parser } from "@prometheus-io/lezer-promql";

/** Which metrics an expression reads, each with the labels that it is selected by. Throws when it cannot be parsed. */
export function selectorsOf(
  expression: string,
): readonly { readonly metric: string; readonly labels: readonly string[] }[] {
  const text = expression.replaceAll("$__rate_interval", "5m");
  const selectors: { metric: string; labels: string[] }[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) throw new Error(`not PromQL at ${String(from)}: ${text}`);
      if (type.name === "VectorSelector") selectors.push({ metric: "", labels: [] });
      const selector = selectors.at(-1);
      if (selector === undefined) return;
      if (type.name === "Identifier") selector.metric = text.slice(from, to);
      if (type.name === "LabelName" && selector.metric !== "") selector.labels.push(text.slice(from, to));
    },
  });
  return selectors;
}
