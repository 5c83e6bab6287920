import { Liquid, ParseError, TokenizationError, UndefinedVariableError } from "liquidjs";

export type TemplateOutcome =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unknown"; readonly name: string }
  | { readonly kind: "invalid"; readonly message: string };

/** No files to include, own properties only, and bounds on what a template may cost. */
const engine = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 10_000,
  renderLimit: 200,
  memoryLimit: 1_000_000,
});

/**
 * Renders one Liquid template. A name that is not known is told apart from a template that can never work. Messages
 * name variables and lines of the template, never a value.
 */
export function renderTemplate(template: string, values: Readonly<Record<string, unknown>>): TemplateOutcome {
  try {
    const rendered: unknown = engine.parseAndRenderSync(template, values);
    return { kind: "text", text: String(rendered) };
  } catch (error) {
    const original = originalOf(error);
    if (original instanceof UndefinedVariableError) return { kind: "unknown", name: variableOf(original) };
    return { kind: "invalid", message: syntaxMessage(error) };
  }
}

/** LiquidJS wraps what went wrong while rendering. */
function originalOf(error: unknown): unknown {
  const wrapped = (error as { readonly originalError?: unknown }).originalError;
  return wrapped ?? error;
}

function variableOf(error: Error): string {
  return /undefined variable: ([^\s,]+)/.exec(error.message)?.[1] ?? "a variable";
}

/** Only errors of syntax quote the template; anything else might quote what was being rendered. */
function syntaxMessage(error: unknown): string {
  const isSyntax = error instanceof ParseError || error instanceof TokenizationError;
  return isSyntax ? firstLine(error.message) : "the template asks for too much or for something that is not there";
}

const firstLine = (text: string): string => text.split("\n", 1)[0]?.slice(0, 200) ?? "";
