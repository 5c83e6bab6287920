import type { OktaPlan } from "../../sandbox/okta/plans.ts";

/** What is applied to an empty org, and under which limits. */
export interface Case {
  readonly plan: OktaPlan;
  /** The operator's settings for the plan: the org's limit for `/api/v1`, and what one token may use of it. */
  readonly rateLimit: { readonly requestsPerMinute: number; readonly burst?: number; readonly sharePercent: number };
  readonly apis: number;
  readonly clients: number;
  /** No more than there are APIs. */
  readonly grantsPerClient: number;
  /** Whether the sweep after the restart is waited for; it takes minutes where limits are tight and servers many. */
  readonly isSweptAfterRestart: boolean;
}

const LARGE = { apis: 100, clients: 100, grantsPerClient: 3 };
const SMALL = { apis: 3, clients: 30, grantsPerClient: 1 };

/** Okta: of each limit of the Management API, by default. */
export const SHARE_PERCENT = 50;

export const CASES: readonly Case[] = [
  {
    plan: "unlimited",
    rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
    ...LARGE,
    isSweptAfterRestart: true,
  },
  {
    plan: "enterprise",
    rateLimit: { requestsPerMinute: 600, sharePercent: SHARE_PERCENT },
    ...LARGE,
    isSweptAfterRestart: false,
  },
  {
    plan: "integrator",
    rateLimit: { requestsPerMinute: 100, sharePercent: SHARE_PERCENT },
    ...SMALL,
    isSweptAfterRestart: true,
  },
];

export const grantsIn = ({ clients, grantsPerClient }: Case): number => clients * grantsPerClient;

const SCOPES_PER_API = 2;

/** Writes that no implementation could do without: a server and its scopes, an app, a policy and its rule. */
export const fewestWrites = (size: Case): number =>
  size.apis * (1 + SCOPES_PER_API) + size.clients + 2 * grantsIn(size);

const PAGE = 200;

/** Every org also has a default server and the app that stands for the operator. */
export const pagesIn = ({ apis, clients }: Case): number =>
  Math.ceil((apis + 1) / PAGE) + Math.ceil((clients + 1) / PAGE);

/** The scopes and the policies of the server that was there before; of what was just made, everything is known. */
export const READS_OF_DEFAULT_SERVER = 2;

/** Both listings; of each server its scopes and its policies; of each policy its rules. */
export const fewestReadsOfLook = (size: Case): number => pagesIn(size) + 2 * (size.apis + 1) + grantsIn(size);
