const FONT = "ui-sans-serif, system-ui, sans-serif";

const LIGHT = { text: "#1f2937", box: "#f0fdfa", border: "#0f766e", line: "#475569", note: "#fef9c3", page: "#ffffff" };
const DARK = { text: "#e2e8f0", box: "#134e4a", border: "#2dd4bf", line: "#94a3b8", note: "#3f3a1f", page: "#1b1b1f" };

/** Mermaid's variables for one of the site's two themes. */
export function diagramTheme(isDark) {
  const { text, box, border, line, note, page } = isDark ? DARK : LIGHT;
  return {
    darkMode: isDark,
    fontFamily: FONT,
    fontSize: "14px",
    background: page,
    primaryColor: box,
    primaryTextColor: text,
    primaryBorderColor: border,
    lineColor: line,
    textColor: text,
    actorBkg: box,
    actorBorder: border,
    actorTextColor: text,
    actorLineColor: line,
    signalColor: line,
    signalTextColor: text,
    labelBoxBkgColor: box,
    labelBoxBorderColor: border,
    labelTextColor: text,
    loopTextColor: text,
    noteBkgColor: note,
    noteBorderColor: line,
    noteTextColor: text,
    transitionColor: line,
    transitionLabelColor: text,
    edgeLabelBackground: page,
  };
}
