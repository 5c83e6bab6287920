import { ensureTool, TOOL_NAMES } from "../tools/ensure-tool.ts";

/** Makes sure that every tool the ship tests run is there, and says where. */
for (const tool of TOOL_NAMES) {
  const path = await ensureTool(tool, (line) => {
    console.log(line);
  });
  console.log(`${tool}: ${path}`);
}
