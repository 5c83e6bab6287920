import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";
import { runTool } from "./programs.ts";

const dir = mkdtempSync(join(tmpdir(), "m2m-escape-"));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

it("a template in a chart, written as the page about keys says, reaches the cluster as it is", async () => {
  const page = readFileSync("docs/reference/secret-keys.md", "utf8");
  const block = /### Templates in a Helm chart[^]*?```yaml fragment\n([^]*?)```/.exec(page)?.[1] ?? "";
  mkdirSync(join(dir, "templates"));
  writeFileSync(join(dir, "Chart.yaml"), "apiVersion: v2\nname: example\nversion: 0.1.0\n");
  writeFileSync(join(dir, "templates", "client.yaml"), block);
  const { secret } = parse(await runTool("helm", ["template", "example", dir])) as {
    secret: { template: { data: Record<string, string> } };
  };
  expect(secret.template.data["application.properties"]).toBe(
    [
      "auth.client-id={{ client_id }}",
      'auth.audience={{ grants["invoices"].audience }}',
      '{% if next_client_secret != "" %}auth.next={{ next_client_secret }}{% endif %}',
      "",
    ].join("\n"),
  );
});
