import { defineConfig } from "vitest/config";
import SlowestFiles from "./test/slowest-files.ts";
import SlowestFirst from "./test/slowest-first.ts";

/** Folder for machine-readable results, one file per project; only the CI script asks for them. */
const reports = process.env["M2M_TEST_REPORTS"];
const project = process.argv[process.argv.indexOf("--project") + 1] ?? "all";

export default defineConfig({
  test: {
    reporters: ["default", new SlowestFiles(), ...(reports === undefined ? [] : ["json"])],
    ...(reports === undefined ? {} : { outputFile: { json: `${reports}/${project}.json` } }),
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{unit,contract,fidelity,properties}/**/*.test.ts", "test/architecture.test.ts"],
          // A worker loads the operator and the vendors' SDKs once, not for each of its files: half of the CPU.
          isolate: false,
          maxWorkers: 3,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/{integration,e2e}/**/*.test.ts"],
          globalSetup: ["test/integration/setup.ts"],
          setupFiles: ["test/integration/after-file.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // A worker loads the operator, the Kubernetes client and both SDKs once, not for each of its files.
          isolate: false,
          // Each worker has a control plane of its own. More of them than cores, since some tests wait.
          maxWorkers: Number(process.env["M2M_TEST_WORKERS"] ?? "5"),
        },
      },
      {
        test: {
          name: "ship",
          include: ["test/ship/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
