import { request } from "undici";

/** Sum over the series of one name whose labels contain this text. */
export type Reading = (name: string, labels?: string) => number;

/** Costs the operator time in proportion to its objects, so it is requested only outside of what is measured. */
export async function scrape(url: string): Promise<Reading> {
  const { body } = await request(`${url}/metrics`, { reset: true });
  const lines = (await body.text()).split("\n");
  return (name, labels = "") =>
    lines
      .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

const KINDS = ["OAuthApi", "M2MClient", "ScopeGrant"] as const;

/** Passes over resources since the process began, the providers' own left out. */
export async function passesOf(url: string): Promise<number> {
  const reading = await scrape(url);
  return KINDS.reduce((sum, kind) => sum + reading("controller_runtime_reconcile_total", `controller="${kind}"`), 0);
}
