import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { animatedSvg } from "./record-demo/animated-svg.ts";
import { asciicast } from "./record-demo/asciicast.ts";
import { record, withoutLongPauses, wrapped } from "./record-demo/recording.ts";

/** Runs the demo once, with Keycloak, and writes its recording for the site and the README. */
const ROOT = join(import.meta.dirname, "..");
const COMMAND = "npm run demo";
const TERMINAL = { columns: 100, rows: 28 };
const LONGEST_PAUSE_SECONDS = 1.5;

const printed = await record(process.execPath, [join(ROOT, "demo/main.ts"), "--with", "keycloak"]);
const lines = wrapped([{ text: `$ ${COMMAND}`, at: 0 }, ...printed], TERMINAL);
const folder = join(ROOT, "docs/public");
writeFileSync(
  join(folder, "demo.cast"),
  asciicast(lines, TERMINAL, { title: "m2m-operator: npm run demo", command: COMMAND }),
);
writeFileSync(join(folder, "demo.svg"), animatedSvg(withoutLongPauses(lines, LONGEST_PAUSE_SECONDS), TERMINAL));
console.log(
  `${String(lines.length)} lines, ${(printed.at(-1)?.at ?? 0).toFixed(1)} s: docs/public/demo.cast, docs/public/demo.svg`,
);
