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
          // Operators of two files would both work on every object of the one control plane.
          fileParallelism: false,
        },
      },
    ],
  },
});
