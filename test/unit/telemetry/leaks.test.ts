import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { createProviderFactory } from "../../../src/assembly/provider-factory.ts";
import { createTenantMetrics } from "../../../src/assembly/tenant-metrics.ts";
import { loadConfig } from "../../../src/config.ts";
import { holdSecret } from "../../../src/oauth/known-secrets.ts";
import { masked } from "../../../src/oauth/masked.ts";
import { safeText } from "../../../src/oauth/safe-text.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import { createLogger } from "../../../src/telemetry/log.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { clock } from "../../contract/connected.ts";

/** No rule about how secrets look finds these. */
const CANARY = "canary bird & 7";
const TOKEN = "plain-canary-token";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const lines: string[] = [];
const log = createLogger("debug", { write: (line) => lines.push(line) });
const opened: Provider[] = [];
afterEach(() => {
  for (const provider of opened.splice(0)) provider.close();
  sandbox.faults.clear();
  lines.length = 0;
});

function factory() {
  const { auth0, caPem } = sandbox;
  const flags = ["--instance-id", "canary", "--allowed-hosts", auth0.domain, "--allow-private-addresses", "true"];
  const made = createProviderFactory({
    ...{
      config: loadConfig(flags, {}),
      clock,
      exchanges: createTenantMetrics(createMetrics([])),
      fingerprint: (text: string) => text,
    },
    leaving: new AbortController().signal,
    readServiceAccountToken: () => Promise.reject(new Error("no provider here asks for it")),
    mayCall: () => true,
    warn: (message, about) => {
      log.warn(about, message);
    },
  });
  const settingsOf = (vendor: "auth0" | "okta") => ({
    ...{ vendor, caBundle: caPem, rateLimit: undefined, isReadOnly: false },
    variant: vendor === "auth0" ? { domain: auth0.domain } : { orgUrl: sandbox.okta.url },
  });
  return {
    problemOf: (vendor: "auth0" | "okta", credentials: Readonly<Record<string, string>>) =>
      made.problemOf(settingsOf(vendor), credentials),
    connect: async (vendor: "auth0" | "okta", credentials: Readonly<Record<string, string>>) => {
      const provider = await made.connect(settingsOf(vendor), credentials);
      opened.push(provider);
      return provider;
    },
  };
}

/** The result is logged, and thrown by itself too, as a defect would be. */
async function logged(work: () => Promise<unknown>): Promise<string> {
  try {
    log.info({ result: await work() }, "succeeded");
  } catch (error) {
    const { message } = error as Error;
    log.warn({ error, reason: "ProgressingWithRetry", detail: message }, "reconciliation failed, trying again");
    log.fatal({ error: new TypeError(message, { cause: error }) }, message);
  }
  return lines.join("");
}

const ECHOES = [
  { message: `upstream sent Authorization: Bearer ${TOKEN}` },
  { message: `bad credential ${TOKEN}`, errorCode: TOKEN, errorSummary: `no ${TOKEN}`, error: TOKEN },
  { errorSummary: `Basic ${CANARY}`, message: CANARY, error_description: CANARY, errorCode: "E0000009" },
  { message: "x".repeat(790) + CANARY, errorSummary: "x".repeat(790) + CANARY },
  { message: encodeURIComponent(CANARY), errorSummary: new URLSearchParams({ t: CANARY }).toString() },
];

const CREDENTIALS = {
  auth0: { client_id: "canary-client", client_secret: CANARY },
  okta: { api_token: CANARY },
} as const;

describe.each(["auth0", "okta"] as const)("at %s no line of the log holds a credential", (vendor) => {
  it.each(ECHOES)("when the tenant answers with it: %j", async (body) => {
    for (const status of [400, 401, 403, 500]) {
      const provider = await factory().connect(vendor, CREDENTIALS[vendor]);
      sandbox.faults.add({
        ...{ tenant: "auth0", path: "/oauth/token" },
        effect: { status: 200, body: { access_token: TOKEN, expires_in: 3600, token_type: "Bearer" } },
      });
      sandbox.faults.add({ tenant: vendor, path: "/api/", times: 20, effect: { status, body } });
      const text = await logged(() => provider.refresh(new Date(), []));
      sandbox.faults.clear();
      expect(text).not.toMatch(/canary(?!-client)/);
      expect(text).toContain("reconciliation failed, trying again");
    }
  });
});

it.each(["one\ncanary", "one\r\ncanary", "one\u0000canary", "one\u2028canary", "oné"])(
  "a credential that no header can carry is refused by its key, not by its value: %j",
  async (value) => {
    const { problemOf } = factory();
    for (const [vendor, key, rest] of [
      ["okta", "api_token", {}],
      ["auth0", "client_secret", { client_id: "id" }],
      ["auth0", "client_id", { client_secret: "secret" }],
      ["auth0", "key_id", { client_id: "id", client_secret: "secret" }],
    ] as const) {
      const problem = await problemOf(vendor, { ...rest, [key]: value });
      expect(problem).toContain(`the key ${key} holds several lines`);
      expect(problem).not.toMatch(/canary|oné/);
    }
  },
);

it("a line end after a credential is passed over, as files have one", async () => {
  expect(await factory().problemOf("okta", { api_token: "00token\n" })).toBeUndefined();
});

it.each(["canary\r\nX-Injected: 1", "canary two", "canary\u0000", ""])(
  "an access token that no header can carry is none: %j",
  async (token) => {
    const provider = await factory().connect("auth0", CREDENTIALS.auth0);
    const body = { access_token: token, expires_in: 3600, token_type: "Bearer" };
    sandbox.faults.add({ tenant: "auth0", path: "/oauth/token", times: 5, effect: { status: 200, body } });
    const text = await logged(() => provider.refresh(new Date(), []));
    expect(text).toContain("gave no usable answer");
    expect(text).not.toMatch(/canary(?!-client)|X-Injected/);
  },
);

describe("a value that the process holds", () => {
  it.each<[string, (value: string) => string]>([
    ["as it is", (value) => value],
    ["in JSON", (value) => JSON.stringify({ value })],
    ["in JSON in JSON", (value) => JSON.stringify({ body: JSON.stringify({ value }) })],
    ["in a form", (value) => new URLSearchParams({ value }).toString()],
    ["in a URL", (value) => encodeURIComponent(value)],
    ["in base64", (value) => Buffer.from(value).toString("base64")],
    ["one of its lines", (value) => value.split("\n")[0] ?? ""],
  ])("is masked %s, and no longer once nobody holds it", (_what, spelled) => {
    const value = 'hunter "2" &\nsecond';
    const [first, second] = [holdSecret(value), holdSecret(value)];
    const text = spelled(value);
    first();
    first();
    expect(masked(`before ${text} after`)).not.toContain("hunter");
    second();
    expect(masked(spelled(value))).toBe(spelled(value));
  });

  it("is masked before a text is cut, so that no half of it is left", () => {
    const release = holdSecret("two words of a secret");
    for (let at = 150; at < 850; at += 7)
      expect(safeText(`${". ".repeat(at)}two words of a secret`)).not.toMatch(/two|words/);
    release();
  });
});

it("nothing in a line acts on who reads it", () => {
  log.info({ name: "a\u202Eb\u2028c\u0085d\ne" }, "x\u2066y");
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd()).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u);
  expect(lines[0]).toMatch(/\n$/);
});
