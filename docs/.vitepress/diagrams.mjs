import mermaid from "mermaid";

/** Diagrams of the pages that were built, each with its page. */
const found = [];

/** A block of Mermaid becomes a diagram, drawn in the reader's browser. */
export function diagrams(markdown) {
  const fence = markdown.renderer.rules.fence;
  markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { info, content } = tokens[index];
    if (info.trim() !== "mermaid") return fence(tokens, index, options, env, self);
    found.push({ page: env.relativePath, content });
    return `<Diagram id="diagram-${index}" source="${encodeURIComponent(content)}" />\n`;
  };
}

/** Throws when Mermaid cannot read one of the diagrams, so that the site is not built with an error in a page. */
export async function checkDiagrams() {
  for (const { page, content } of found) {
    await mermaid.parse(content).catch((error) => {
      throw new Error(`${page}: ${error.message}\n\n${content}`);
    });
  }
}
