import { ensureTool, TOOL_NAMES } from "../../tools/ensure-tool.ts";

/** The first run builds the tools, which takes longer than any test may. */
export default async function setup(): Promise<void> {
  for (const tool of TOOL_NAMES)
    await ensureTool(tool, (line) => {
      console.log(line);
    });
}
