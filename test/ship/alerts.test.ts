import { expect, it } from "vitest";
import { runTool } from "./run-tool.ts";

it("Prometheus takes the rules", async () => {
  const { code, output } = await runTool("promtool", ["check", "rules", "charts/m2m-operator/files/alerts.yaml"]);
  expect(output).toContain("SUCCESS");
  expect(code).toBe(0);
});

it("each alert fires when it must, and a healthy operator raises none", async () => {
  const { code, output } = await runTool("promtool", ["test", "rules", "test/ship/alerts.promtool.yaml"]);
  expect(output).toContain("SUCCESS");
  expect(code).toBe(0);
});
