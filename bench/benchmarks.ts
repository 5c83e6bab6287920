import { whyNoKeycloak } from "../keycloak/distribution.ts";
import { benchmarkConverge } from "./converge.ts";
import { benchmarkImage } from "./image.ts";
import { benchmarkKeycloak } from "./keycloak.ts";
import { benchmarkOkta } from "./okta.ts";
import { benchmarkRotation } from "./rotation.ts";
import type { Row } from "./rows.ts";
import { benchmarkScale, type ScaleOptions } from "./scale.ts";
import { benchmarkSideBySide } from "./side-by-side.ts";

export interface Benchmark {
  /** What it measures, in one line. */
  readonly what: string;
  /** How long it takes on two cores, in minutes. */
  readonly minutes: number;
  /** Whether nobody has timed it: `minutes` follows from the limits and pauses that it waits for. */
  readonly isEstimate?: boolean;
  /** Why it cannot run on this machine; `undefined` when it can. */
  readonly whyNot?: () => string | undefined;
  readonly run: (say: (line: string) => void, options: ScaleOptions) => Promise<readonly Row[]>;
}

/** In the order in which they run when no name is given. */
export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  converge: {
    what: "170 resources under the limits of two Auth0 plans: calls, 429s, wall time against the bound",
    minutes: 7,
    isEstimate: true,
    run: benchmarkConverge,
  },
  okta: {
    what: "100 servers and 300 grants under the limits of Okta's plans",
    minutes: 25,
    isEstimate: true,
    run: benchmarkOkta,
  },
  keycloak: {
    what: "500 clients and 1,000 grants in a realm of a real Keycloak: calls, CPU, a look at rest, restart (needs Java)",
    minutes: 3,
    whyNot: whyNoKeycloak,
    run: benchmarkKeycloak,
  },
  rotation: {
    what: "failed token requests of nine kinds of workload through ten rotations each",
    minutes: 12,
    isEstimate: true,
    run: benchmarkRotation,
  },
  "side-by-side": {
    what: "the same 170 objects by the operator and by auth0-deploy-cli",
    minutes: 8,
    isEstimate: true,
    run: benchmarkSideBySide,
  },
  scale: {
    what: "500 clients and 10,000 resources at a tenant without limits: CPU against a bare process, memory, restart",
    minutes: 9,
    run: benchmarkScale,
  },
  image: {
    what: "size, start-up and memory of the image (needs root and buildah)",
    minutes: 3,
    run: benchmarkImage,
  },
};
