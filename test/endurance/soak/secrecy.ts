import type { Sandbox } from "../../../sandbox/start.ts";

/** Every credential that there ever was, as canaries: none may be seen outside Secrets. */
export interface Canaries {
  /** Remembers those that the tenants hold now. */
  note(): void;
  readonly count: number;
  /** Which of these texts has a credential in it: their names, without the text. */
  seenIn(texts: Readonly<Record<string, string>>): readonly string[];
}

export function createCanaries({ auth0, okta, tenant, org }: Sandbox): Canaries {
  const known = new Set<string>([auth0.clientSecret, okta.apiToken]);
  return {
    note: () => {
      for (const { client_secret: secret } of tenant.state.clients.values()) known.add(secret);
      for (const { secrets } of org.state.apps.values())
        for (const { client_secret: secret } of secrets) known.add(secret);
    },
    get count() {
      return known.size;
    },
    seenIn: (texts) =>
      Object.entries(texts)
        .filter(([, text]) => [...known].some((canary) => text.includes(canary)))
        .map(([name]) => `a credential was seen in ${name}`),
  };
}
