import { JSDOM } from "jsdom";

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
  const mermaid = await mermaidWithoutBrowser();
  for (const { page, content } of found) {
    await mermaid.parse(content).catch((error) => {
      throw new Error(`${page}: ${error.message}\n\n${content}`);
    });
  }
}

/** Mermaid cleans the labels of flowcharts with the document of a browser, which it looks for while it is loaded. */
async function mermaidWithoutBrowser() {
  const { window } = new JSDOM();
  Object.assign(globalThis, { window, document: window.document });
  const { default: mermaid } = await import("mermaid");
  return mermaid;
}
