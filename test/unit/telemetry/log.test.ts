import { expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../../src/config.ts";
import { createLogger } from "../../../src/telemetry/log.ts";

const logged = (write: (log: ReturnType<typeof createLogger>) => void): string => {
  let text = "";
  write(createLogger("debug", { write: (line) => (text += line) }));
  return text;
};
const SECRET = "not-a-real-secret-".repeat(4);

it("a long unbroken text, a token and a private key never leave the process", () => {
  const token = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.${"a".repeat(60)}`;
  const pem = "-----BEGIN PRIVATE KEY-----\\nnot-a-real-key\\n-----END PRIVATE KEY-----";
  const text = logged((log) => {
    log.info({ SECRET, token, pem }, `${SECRET} ${token}`);
  });
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain(token);
  expect(text).not.toContain("not-a-real-key");
});

it("of somebody else's error only its kind and place are told, not its message", () => {
  const text = logged((log) => {
    log.error({ error: new TypeError("cannot parse hunter2") }, "failed");
  });
  expect(text).toContain("TypeError");
  expect(text).not.toContain("hunter2");
});

it("wrong configuration is said all at once, with examples", () => {
  const load = () => loadConfig(["--log-level", "loud", "--concurrency", "0"], {});
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/--instance-id \(M2M_INSTANCE_ID\): is required[\s\S]*--log-level[\s\S]*--concurrency/);
});

it("a flag wins over the environment", () => {
  const config = loadConfig(["--instance-id", "flag"], {
    M2M_INSTANCE_ID: "env",
    M2M_LOG_LEVEL: "debug",
    HTTPS_PROXY: "http://proxy:3128",
  });
  expect(config).toMatchObject({ instanceId: "flag", logLevel: "debug", httpsProxy: "http://proxy:3128" });
});

it("an unknown flag is refused", () => {
  expect(() => loadConfig(["--nonsense", "1"], {})).toThrow(ConfigError);
});
