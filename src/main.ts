import { startOperator } from "./assembly/operator.ts";
import { type Config, ConfigError, loadConfig } from "./config.ts";
import { createLogger } from "./telemetry/log.ts";
import { OPERATOR_VERSION } from "./version.ts";

/** Exit codes: 0 after a clean stop, 1 when the lease was lost or starting failed, 2 for wrong configuration. */
function configOrExit(): Config {
  try {
    return loadConfig(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`m2m-operator: wrong configuration\n${error.message}`);
    process.exit(2);
  }
}

const config = configOrExit();
const log = createLogger(config.logLevel);
const operator = await startOperator(config, log);
log.info({ version: OPERATOR_VERSION, metricsPort: operator.metricsPort }, "started");

let isStopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, "stopping");
    void operator.stop().then(() => process.exit(0));
  });
void operator.ended.then((why) => {
  log.error({ why }, "ended: another process may work on the same objects");
  process.exit(1);
});
