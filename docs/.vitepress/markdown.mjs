/** Pages show Liquid templates. To the generator's Vue, double braces are its own. */
export function bracesAreText(markdown) {
  const { code_inline: code, text } = markdown.renderer.rules;
  markdown.renderer.rules.code_inline = (...args) => code(...args).replace("<code", "<code v-pre");
  markdown.renderer.rules.text = (...args) => text(...args).replaceAll("{{", "&#123;&#123;");
}

/** Long names in code can break after a separator. Flags and environment variables never break. */
export function codeBreaks(markdown) {
  const render = markdown.renderer.rules.code_inline;
  markdown.renderer.rules.code_inline = (tokens, index, ...rest) => {
    const html = render(tokens, index, ...rest);
    const { content } = tokens[index];
    if (/^--[a-z-]+$/.test(content)) return html.replace("<code", '<code class="flag"');
    if (content.length < 12) return html;
    return html.replace(/>([^<]*)<\/code>/, (_all, text) => `>${breakable(text)}</code>`);
  };
}

/** An HTML entity is one character. */
const breakable = (text) =>
  text.replaceAll(/&[#\w]+;|[./_,=:]+(?=[^\s<])|[a-z](?=[A-Z])/g, (part) =>
    part.startsWith("&") ? part : `${part}<wbr>`,
  );

/** Each cell carries the heading of its column, which a narrow screen shows beside it. */
export function labelledCells(markdown) {
  markdown.core.ruler.push("labelled-cells", ({ tokens }) => {
    let [headings, column] = [[], 0];
    tokens.forEach((token, index) => {
      if (token.type === "thead_open") headings = [];
      if (token.type === "tr_open") column = 0;
      if (token.type === "th_open") headings.push(tokens[index + 1].content.replaceAll(/[`*]/g, ""));
      if (token.type === "td_open") token.attrSet("data-label", headings[column++] ?? "");
    });
  });
}

const PICTURE = /<picture>.*?<\/picture>/gs;
const attribute = (tag, name) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
const published = (path) => path.replace(/^.*public\//, "/");

/** GitHub chooses one of two pictures by the reader's system, the site by its own switch. */
export function themedPictures(markdown) {
  const render = markdown.renderer.rules.html_block;
  markdown.renderer.rules.html_block = (...args) =>
    render(...args).replaceAll(PICTURE, (picture) => {
      const image = picture.slice(picture.indexOf("<img"));
      const [dark, light] = [attribute(picture, "srcset"), attribute(image, "src")].map(published);
      return `<ThemedImage dark="${dark}" light="${light}" alt="${attribute(image, "alt")}" />`;
    });
}
