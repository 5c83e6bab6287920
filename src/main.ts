import { type Config, ConfigError, loadConfig } from "./config.ts";
import { createLogger } from "./telemetry/log.ts";
import { OPERATOR_VERSION } from "./version.ts";

/**
 * Exit codes: 0 after a clean stop, 1 when the lease was lost, starting failed or a second signal cut the stop short,
 * 2 for wrong configuration.
 */
function configOrExit(): Config {
  try {
    return loadConfig(process.argv.slice(2), process.env);
  } catch (error) {
    return exitOnConfigError(error);
  }
}

function exitOnConfigError(error: unknown): never {
  if (!(error instanceof ConfigError)) throw error;
  console.error(`m2m-operator: wrong configuration\n${error.message}`);
  process.exit(2);
}

const stopping = new AbortController();
const stopped = new Promise<void>((resolve) => {
  stopping.signal.addEventListener("abort", () => {
    resolve();
  });
});
const config = configOrExit();
const log = createLogger(config.logLevel);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    log.info({ signal }, stopping.signal.aborted ? "stopping at once" : "stopping");
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
  });
for (const defect of ["uncaughtException", "unhandledRejection"] as const)
  process.on(defect, (error: unknown) => {
    log.fatal({ error, defect }, "unexpected error, exiting");
    process.exit(1);
  });

try {
  // Only now: as process 1 of a container Node gets no signal that it has no handler for yet.
  const { startOperator } = await import("./assembly/operator.ts");
  const operator = await startOperator(config, log, stopping.signal);
  log.info({ version: OPERATOR_VERSION, metricsPort: operator.metricsPort }, "started");
  const why = await Promise.race([operator.ended, stopped.then(() => operator.stop())]);
  if (why === undefined) process.exit(0);
  log.error({ why }, "lost the Lease, exiting: another process may work on the same objects");
} catch (error) {
  if (stopping.signal.aborted && error === stopping.signal.reason) process.exit(0);
  if (error instanceof ConfigError) exitOnConfigError(error);
  log.fatal({ error }, "could not start");
}
process.exit(1);
