import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{unit,contract,fidelity}/**/*.test.ts", "test/architecture.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/{integration,e2e}/**/*.test.ts"],
          globalSetup: ["test/integration/setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Two cores serve the API server, etcd and the tests: more files at once only makes each of them slower.
          maxWorkers: 2,
        },
      },
    ],
  },
});
