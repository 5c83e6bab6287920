import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { TransportError } from "../../../src/ports/http-transport.ts";
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

it("of an error with a message of several lines none but its frames is told", () => {
  const error = new TypeError('Headers.set: "SSWS one\n    hunter2\n    at hunter3 (/etc/secret:1:1)" is invalid');
  const text = logged((log) => {
    log.error({ error }, "failed");
  });
  expect(text).not.toMatch(/hunter|SSWS|etc.secret/);
  expect(text).toContain("log.test.ts");
});

it("of an error whose message was changed after it was thrown no line of the first is told", () => {
  const error = new TypeError("one\nhunter2\nhunter3");
  error.message = "another";
  const text = logged((log) => {
    log.error({ error }, "failed");
  });
  expect(text).not.toContain("hunter");
});

it("a message of ours is one line, masked and cut", () => {
  const secret = createHmac("sha256", "a seed").digest("base64url");
  const error = new TransportError("network", `first\nclient_secret=hunter2 ${secret} ${"long ".repeat(1000)}`, {
    sent: true,
  });
  const { error: fields } = JSON.parse(
    logged((log) => {
      log.error({ error }, "failed");
    }),
  ) as { error: { message: string; reason: string } };
  expect(fields.reason).toBe("network");
  expect(fields.message).toMatch(/^first client_secret=\[masked\] \[masked\] long /);
  expect([...fields.message]).toHaveLength(1000);
});

it("a chain of causes that ends where it began is told, and ends", () => {
  const error = new TypeError("a");
  error.cause = new RangeError("b", { cause: error });
  const text = logged((log) => {
    log.error({ error }, "failed");
  });
  expect(text).toContain("RangeError");
});

it("a code that is no code is not told", () => {
  const error = Object.assign(new TypeError("a"), { code: { body: "hunter2" }, reason: `hunter\n${"x".repeat(500)}` });
  const text = logged((log) => {
    log.error({ error }, "failed");
  });
  expect(text).not.toContain("hunter2");
  expect(text).not.toContain("xxxx");
});

it("the name of a Kubernetes object with a UUID in it is told", () => {
  const name = "m2m-operator-state-3f2504e0-4f89-41d3-9a0c-0305e82c3301";
  expect(
    logged((log) => {
      log.info({ name }, "written");
    }),
  ).toContain(name);
});
