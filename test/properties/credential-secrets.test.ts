import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { holdSecret } from "../../src/oauth/known-secrets.ts";
import { ProviderError } from "../../src/ports/provider-error.ts";
import { PROVIDERS } from "../../src/providers/by-name.ts";
import type { ProviderModule } from "../../src/providers/declaration.ts";
import { clock } from "../contract/connected.ts";
import { seeded } from "./holds.ts";

const VARIANTS = {
  auth0: { domain: "acme.eu.auth0.example" },
  okta: { orgUrl: "https://acme.okta.example" },
} as const;

const KEYS = ["client_id", "client_secret", "private_key", "key_id", "algorithm", "api_token"] as const;

const pemOf = (type: "rsa" | "ec"): string => {
  const pair =
    type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
};
const PEMS = [pemOf("rsa"), pemOf("ec")];

/** Keys, whole and spoiled in one place. */
const pems: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...PEMS),
  fc
    .tuple(fc.constantFrom(...PEMS), fc.nat({ max: 1700 }), fc.string({ unit: "binary", maxLength: 3 }))
    .map(([pem, at, text]) => pem.slice(0, at) + text + pem.slice(at + 1)),
);

/** A value as it may come out of a Secret: what was meant, what was pasted wrongly, and any bytes. */
const values: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("zq-one-value-zq", "zq-0123456789-zq\n", " zq-two-zq ", "", "\n", "RS256", "ES256", "none"),
  pems,
  fc.string({ unit: "binary", maxLength: 30 }).map((text) => `zq-${text}-zq`),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("utf8")),
);

/** Mostly what is meant, so that the rest of the Secret is tried as well. */
const mostly = (good: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof({ weight: 4, arbitrary: good }, values);
const ids = mostly(fc.constantFrom("zq-one-value-zq", " zq-two-value-zq\n"));

/** What each way to authenticate needs, or nearly; and whatever else may be in a Secret. */
const secrets: fc.Arbitrary<Record<string, string>> = fc.oneof(
  fc.record({ client_id: ids, client_secret: ids }),
  fc.record(
    { client_id: ids, private_key: mostly(pems), key_id: ids, algorithm: mostly(fc.constantFrom("", "PS256")) },
    { requiredKeys: ["client_id", "private_key", "key_id"] },
  ),
  fc.record({ api_token: ids }),
  fc.dictionary(fc.constantFrom(...KEYS, "other"), values, { maxKeys: 5 }),
);

/** A tenant that refuses everything and says back what it was sent. */
const echoing = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const request = new Request(input, init);
  const echo = `${request.headers.get("authorization") ?? ""} ${await request.text()}`;
  const body = { error: "invalid_client", error_description: echo, errorCode: "E0000011", errorSummary: echo };
  return new Response(JSON.stringify(body), { status: 401, headers: { "content-type": "application/json" } });
};

/** What a person reads about this Secret. */
async function toldOf(
  module: ProviderModule,
  variant: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>>,
): Promise<{ readonly problem: string | undefined; readonly told: readonly string[]; readonly error: unknown }> {
  const problem = module.problemOf(data);
  if (problem !== undefined) return { problem, told: [problem], error: undefined };
  const warned: string[] = [];
  const provider = module.createProvider(variant, data, {
    ...{ fetch: echoing, clock, timeoutMs: 1000, settleMs: 0, isReadOnly: false, allowedPerSecond: () => 1000 },
    ...{ inBackground: () => undefined, fingerprint: (value) => String(value.length) },
    warn: (message, about) => warned.push(message, ...Object.values(about)),
  });
  const error: unknown = await provider.probe().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  provider.close();
  return { problem, told: [...warned, error instanceof Error ? error.message : ""], error };
}

it.each(Object.entries(VARIANTS))(
  "whatever is in a Secret for %s, it is a credential or its key is named",
  async (name, variant) => {
    const module = await PROVIDERS[name]?.load();
    if (module === undefined) throw new Error(`${name} is not registered`);
    const property = fc.asyncProperty(secrets, async (data) => {
      const hidden = Object.entries(data).filter(([key]) => module.PUBLIC_KEYS?.includes(key) !== true);
      const releases = hidden.map(([, value]) => holdSecret(value));
      const { problem, told, error } = await toldOf(module, variant, data);
      for (const release of releases) release();
      if (problem !== undefined)
        expect(
          KEYS.some((key) => problem.includes(key)),
          problem,
        ).toBe(true);
      else {
        expect(error, String(error)).toBeInstanceOf(ProviderError);
        expect(["unauthorized", "invalid"], String(error)).toContain((error as ProviderError).code);
      }
      for (const [, value] of hidden.filter(([, text]) => text.trim().length >= 8))
        expect(told.join(" ")).not.toContain(value.trim());
    });
    await fc.assert(property, seeded(300));
  },
);
