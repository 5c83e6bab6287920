import { withMermaid } from "vitepress-plugin-mermaid";
import { navigation } from "./navigation.mjs";
import { linksIntoRepository } from "./repository.mjs";

/** Pages show Liquid templates; to the generator's Vue, double braces are its own. */
function bracesAreText(markdown) {
  const { code_inline: code, text } = markdown.renderer.rules;
  markdown.renderer.rules.code_inline = (...args) => code(...args).replace("<code", "<code v-pre");
  markdown.renderer.rules.text = (...args) => text(...args).replaceAll("{{", "&#123;&#123;");
}

export default withMermaid({
  title: "m2m-operator",
  description: "Machine-to-machine OAuth 2.0 access on Kubernetes",
  cleanUrls: true,
  markdown: {
    config: (markdown) => {
      linksIntoRepository(markdown);
      bracesAreText(markdown);
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: navigation.map(({ text, items }) => ({ text, link: items[0].link })),
    sidebar: navigation,
  },
  // Diagrams bring their library into one chunk.
  vite: { build: { chunkSizeWarningLimit: 4000 } },
});
