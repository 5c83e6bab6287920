import { describe, expect, it } from "vitest";
import { readCommand, usageOf } from "../../../bench/command.ts";

const benchmarks = {
  converge: { what: "calls under limits", minutes: 7 },
  scale: { what: "500 clients", minutes: 15 },
};
const known = { benchmarks, parts: ["500", "10000"] };

describe("the command line of the benchmarks", () => {
  it("runs all of them when none is named, and says before how long they take", () => {
    const { names, problems, plan } = readCommand({ names: [], parts: [] }, known);
    expect({ names, problems }).toEqual({ names: ["converge", "scale"], problems: [] });
    expect(plan.join("\n")).toMatch(/converge +about +7 min.*\n.*scale +about 15 min.*\ntogether about 22 minutes/);
  });

  it("names each one that does not exist, with the nearest that does, before anything runs", () => {
    const { problems } = readCommand({ names: ["converge", "scal", "zzz"], parts: ["50"] }, known);
    expect(problems).toEqual([
      "there is no benchmark scal; did you mean scale?",
      "there is no benchmark zzz; there are: converge, scale",
      "there is no part 50; did you mean 500?",
    ]);
  });

  it("refuses one that cannot run on this machine, and leaves it out where nobody named it", () => {
    const whyNot = () => "Java is not installed.";
    const here = { ...known, benchmarks: { ...benchmarks, keycloak: { what: "a realm", minutes: 5, whyNot } } };
    expect(readCommand({ names: ["keycloak"], parts: [] }, here).problems).toEqual([
      "keycloak cannot run here: Java is not installed.",
    ]);
    const { names, problems, plan } = readCommand({ names: [], parts: [] }, here);
    expect({ names, problems }).toEqual({ names: ["converge", "scale"], problems: [] });
    expect(plan.join("\n")).toContain("keycloak       is left out: Java is not installed.");
  });

  it("refuses a part of a benchmark that will not run", () => {
    const { problems } = readCommand({ names: ["converge"], parts: ["500"] }, known);
    expect(problems).toEqual(["--part and --bundle are of scale, which is not among the benchmarks that will run"]);
  });

  it("lists every benchmark and every part in its help", () => {
    const usage = usageOf(benchmarks, known.parts);
    for (const word of ["converge", "scale", "500, 10000", "--json", "--bundle"]) expect(usage).toContain(word);
  });
});
