import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { OPERATOR_VERSION } from "../../../src/version.ts";

const read = (path: string): string => readFileSync(path, "utf8");

it("package, code and image have one semantic version", () => {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  expect(version).toMatch(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
  expect(OPERATOR_VERSION).toBe(version);
  expect(/^ARG VERSION=(.*)$/m.exec(read("Dockerfile"))?.[1]).toBe(version);
  expect(/^ARG VERSION=(.*)$/m.exec(read("sandbox/Dockerfile"))?.[1]).toBe(version);
});

it("the chart has it too, for itself and for the image that it takes", () => {
  const chart = parse(read("charts/m2m-operator/Chart.yaml")) as { version: string; appVersion: string };
  expect(chart).toMatchObject({ version: OPERATOR_VERSION, appVersion: OPERATOR_VERSION });
});

it("a version that is released stands in the changelog", () => {
  const sections = [...read("CHANGELOG.md").matchAll(/^## \[(.*?)\]/gm)].map(([, title]) => title);
  expect(sections[0]).toBe("Unreleased");
});
