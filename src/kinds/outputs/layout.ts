import type { LayoutInputs } from "../../publication/inputs.ts";
import type { M2MClient } from "../m2m-client/schema.ts";

/** How a client wants its Secret laid out, with the defaults filled in. */
export function layoutOf({ spec }: Pick<M2MClient, "spec">): LayoutInputs {
  const { type = "Opaque", keyStyle = "Snake", keyPrefix = "", template } = spec.secret ?? {};
  const { data = {}, labels = {}, annotations = {}, apiRefs = [] } = template ?? {};
  const apis = apiRefs.map((api) => api.as);
  return { type, keyStyle, keyPrefix, template: { data, labels, annotations, apis } };
}

/**
 * How the Secret for one API alone is laid out: in the client's own style, so that a workload reads all its Secrets alike.
 * A client whose Secret is all template gets plain keys here, since there is no template for one API alone.
 */
export function grantLayoutOf(client: Pick<M2MClient, "spec">): LayoutInputs {
  const { type, keyStyle, keyPrefix } = layoutOf(client);
  const template = { data: {}, labels: {}, annotations: {}, apis: [] };
  return { type, keyStyle: keyStyle === "None" ? "Snake" : keyStyle, keyPrefix, template };
}
