import type { PrintedLine, Terminal } from "./recording.ts";

const FONT_SIZE = 13;
const CHARACTER_WIDTH = 7.82;
const LINE_HEIGHT = 19;
const PADDING = 16;
const BAR = 34;
/** How long the last frame stays before the animation starts again. */
const REST_SECONDS = 8;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function classOf(text: string): string {
  if (text.startsWith("▸") || text.startsWith("$")) return "s";
  return text.startsWith("✓") ? "g" : "t";
}

/** An animated picture of the recording, which needs no script. Without motion it shows the last frame. */
export function animatedSvg(lines: readonly PrintedLine[], { columns, rows }: Terminal): string {
  const seconds = (lines.at(-1)?.at ?? 0) + REST_SECONDS;
  const percent = (at: number): string => `${((100 * at) / seconds).toFixed(2)}%`;
  const shift = (index: number): string =>
    `transform:translateY(${String(-Math.max(0, index + 1 - rows) * LINE_HEIGHT)}px)`;
  const scrolls = lines.map(({ at }, index) => `${percent(at)}{${shift(index)}}`);
  const shows = lines.map(
    ({ at }, index) => `@keyframes l${String(index)}{0%{opacity:0}${percent(at)}{opacity:1}100%{opacity:1}}`,
  );
  const texts = lines.map(({ text }, index) => {
    const y = String((index + 1) * LINE_HEIGHT - 5);
    const style = `animation-name:l${String(index)}`;
    return text === "" ? "" : `<text y="${y}" class="${classOf(text)}" style="${style}">${escaped(text)}</text>`;
  });
  const last = shift(lines.length - 1);
  const css = `text{font:${String(FONT_SIZE)}px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}
.t{fill:#d5dbe5}.s{fill:#5eead4;font-weight:700}.g{fill:#86efac;font-weight:700}
#all{${last}}
@media (prefers-reduced-motion:no-preference){#all{animation:scroll ${seconds.toFixed(1)}s step-end infinite}#all text{animation-duration:${seconds.toFixed(1)}s;animation-timing-function:step-end;animation-iteration-count:infinite}}
@keyframes scroll{0%{transform:translateY(0)}${scrolls.join("")}100%{${last}}}
${shows.join("")}`;
  return framed(css, texts.join("\n"), { columns, rows });
}

function framed(css: string, texts: string, { columns, rows }: Terminal): string {
  const inner = { width: Math.ceil(columns * CHARACTER_WIDTH), height: rows * LINE_HEIGHT };
  const width = String(inner.width + 2 * PADDING);
  const height = String(inner.height + BAR + PADDING);
  const dots = ["#f87171", "#fbbf24", "#34d399"].map(
    (colour, index) => `<circle cx="${String(20 + index * 18)}" cy="17" r="5" fill="${colour}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Recording of npm run demo">
<style>${css}</style>
<rect width="${width}" height="${height}" rx="8" fill="#0f172a"/>
${dots.join("")}
<svg x="${String(PADDING)}" y="${String(BAR)}" width="${String(inner.width)}" height="${String(inner.height)}"><g id="all">
${texts}
</g></svg>
</svg>
`;
}
