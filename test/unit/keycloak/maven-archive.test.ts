import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { assertPinned } from "../../../keycloak/maven-archive.ts";

const TEXT = "not a real archive";
const sha256 = createHash("sha256").update(TEXT).digest("hex");
const archive = { artifact: "group:name:1:zip", size: TEXT.length, sha256 };
let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "m2m-archive-"));
  file = join(dir, "name.zip");
  writeFileSync(file, TEXT);
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

it("takes the pinned archive, and refuses another size or another content by name", async () => {
  await assertPinned(file, archive);
  await expect(assertPinned(file, { ...archive, size: 1 })).rejects.toThrow("group:name:1:zip is not the pinned file");
  await expect(assertPinned(file, { ...archive, sha256: "0".repeat(64) })).rejects.toThrow(sha256);
});
