import { describe, expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../../src/config.ts";

const load = (...flags: readonly string[]) => loadConfig(["--instance-id", "a", ...flags], {});

describe("--shards", () => {
  it("is 1 unless said otherwise, by flag or by environment", () => {
    expect(load().shards).toBe(1);
    expect(load("--shards", "6").shards).toBe(6);
    expect(loadConfig(["--instance-id", "a"], { M2M_SHARDS: "64" }).shards).toBe(64);
  });

  it.each(["0", "65", "1.5", "some"])("cannot be %s", (text) => {
    expect(() => load("--shards", text)).toThrow(/--shards \(M2M_SHARDS\)/);
  });

  it("of more than one without leader election are refused, with what to do", () => {
    expect(() => load("--shards", "3", "--leader-election", "false")).toThrow(
      new ConfigError(
        "--shards (M2M_SHARDS): 3 shards need leader election: remove --leader-election=false (M2M_LEADER_ELECTION), or set --shards 1",
      ),
    );
    expect(load("--shards", "1", "--leader-election", "false").leaderElection).toBe(false);
  });
});
