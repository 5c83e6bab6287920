import { knownNames } from "../../../src/publication/keys.ts";
import { renderTemplates, type TemplateScope } from "../../../src/publication/template.ts";

type Outcome =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "waiting"; readonly names: readonly string[] }
  | { readonly kind: "invalid"; readonly message: string };

/** A Secret whose one key is this template. */
export function renderTemplate(text: string, scope: TemplateScope): Outcome {
  const known = { values: knownNames("Opaque"), apis: ["portal", "later"] };
  const outcome = renderTemplates({ file: text }, known, scope);
  if (outcome.kind === "texts") return { kind: "text", text: outcome.texts["file"] ?? "" };
  return outcome.kind === "waiting" ? outcome : { kind: "invalid", message: outcome.message };
}
