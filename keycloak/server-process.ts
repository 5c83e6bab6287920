import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface ServerOptions {
  /** Folder with `bin/kc.sh`. */
  readonly home: string;
  /** Path of the H2 database, without `.mv.db`. */
  readonly database: string;
  /** Created at the first start of a database. */
  readonly administrator?: { readonly clientId: string; readonly clientSecret: string };
  /** PEM files. Without them the server speaks plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** PEM files of authorities that it trusts beside those of the system. */
  readonly authorities?: readonly string[];
}

export interface ServerProcess {
  readonly port: number;
  /** Ends the server and waits for that, since it writes its database to the end. */
  stop(): Promise<void>;
}

/** A start takes 10 s on an idle machine, and the first one of a database several minutes on a busy one. */
const START_MS = 900_000;

/**
 * The best compiler for a tenth of what Java gives it by default. Without it, cryptography takes most of the time. With
 * the default, a server that lives for minutes spends more on compilation than it gets back.
 */
const COMPILER = [
  ...["-XX:Tier4InvocationThreshold=50000", "-XX:Tier4MinInvocationThreshold=6000"],
  ...["-XX:Tier4CompileThreshold=150000", "-XX:Tier4BackEdgeThreshold=400000"],
];

/** As `bin/kc.sh` has them, for a small server that lives for minutes. The script itself would stand between us and Java. */
const javaOptions = (home: string): readonly string[] => [
  ...["-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", ...COMPILER],
  ...["java.util", "java.util.concurrent", "java.security", "java.lang"].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  ),
  ...["-Duser.language=en", "-Duser.country=US", "-Djava.security.egd=file:/dev/urandom"],
  ...["-Djava.util.logging.manager=org.jboss.logmanager.LogManager", "-Dpicocli.disable.closures=true"],
  "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
  ...[`-Dkc.home.dir=${home}`, `-Djboss.server.config.dir=${home}/conf`],
  ...["-cp", `${home}/lib/quarkus-run.jar`, "io.quarkus.bootstrap.runner.QuarkusEntryPoint"],
];

/** Starts Keycloak on free ports of the loopback and waits until it is ready. */
export async function runServer(options: ServerOptions): Promise<ServerProcess> {
  const [port, management] = await Promise.all([freePort(), freePort()]);
  const { administrator, home } = options;
  const bootstrap =
    administrator === undefined
      ? {}
      : {
          KC_BOOTSTRAP_ADMIN_CLIENT_ID: administrator.clientId,
          KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: administrator.clientSecret,
        };
  const child = spawn("java", [...javaOptions(home), ...argumentsOf(options, port, management)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...bootstrap },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
    });
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  const stop = async (): Promise<void> => {
    process.removeListener("exit", kill);
    child.kill("SIGTERM");
    await ended(child, 20_000);
    kill();
    await ended(child, 5000);
  };
  try {
    await ready(child, management);
  } catch (error) {
    await stop();
    throw new Error(`Keycloak did not start:\n${output}`, { cause: error });
  }
  return { port, stop };
}

function argumentsOf(
  { database, tls, authorities = [] }: ServerOptions,
  port: number,
  management: number,
): readonly string[] {
  const scheme = tls === undefined ? "http" : "https";
  return [
    ...["start", "--optimized", "--cache=local", `--hostname=${scheme}://127.0.0.1:${String(port)}`],
    ...["--http-host=127.0.0.1", `--http-management-port=${String(management)}`],
    ...(tls === undefined
      ? ["--http-enabled=true", `--http-port=${String(port)}`]
      : [
          `--https-port=${String(port)}`,
          `--https-certificate-file=${tls.certificate}`,
          `--https-certificate-key-file=${tls.key}`,
          // Health is asked without a client certificate.
          "--http-management-scheme=http",
        ]),
    ...(authorities.length === 0 ? [] : [`--truststore-paths=${authorities.join(",")}`]),
    `--db-url=jdbc:h2:file:${database};NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE`,
  ];
}

async function ready(child: ChildProcess, management: number): Promise<void> {
  const giveUpAt = Date.now() + START_MS;
  while (Date.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`it exited with ${String(child.exitCode)}`);
    const answer = await fetch(`http://127.0.0.1:${String(management)}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(500);
  }
  throw new Error(`it is not ready after ${String(START_MS / 1000)} s`);
}

async function ended(child: ChildProcess, ms: number): Promise<void> {
  const giveUpAt = Date.now() + ms;
  while (child.exitCode === null && child.signalCode === null && Date.now() < giveUpAt) await delay(50);
}

/** Another program may take it before the server does: then the server does not start, and says so. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
