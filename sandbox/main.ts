import { readCommandLine, USAGE } from "./command-line.ts";
import { serveSetup } from "./setup-server.ts";
import { startSandbox } from "./start.ts";
import { createWorkloads, writeWorkloads } from "./workload/create.ts";

const flags = readCommandLine(process.argv.slice(2), process.env);
if (flags === "help") {
  console.log(USAGE);
  process.exit(0);
}
if ("problem" in flags) {
  console.error(`${flags.problem}\n\n${USAGE}`);
  process.exit(2);
}

const { dir, setupPort, access, ...where } = flags;
const sandbox = await startSandbox({ ...where, ...(dir === undefined ? {} : { dir }) });
const workloads = access === undefined ? undefined : await createWorkloads(sandbox, access);
if (dir !== undefined && workloads !== undefined) writeWorkloads(dir, workloads);
const setup =
  setupPort === undefined
    ? undefined
    : await serveSetup({ listen: where.listen, port: setupPort }, sandbox.caPem, workloads);
console.log(`Auth0 tenant and Okta org: ${sandbox.auth0.url}`);
if (dir !== undefined) console.log(`Files: ${dir}`);
if (setup !== undefined) console.log(`Setup: http://${where.host}:${String(setup.port)}/`);
console.log("Press Ctrl-C to stop.");
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    void Promise.all([setup?.close(), sandbox.close()]).then(() => process.exit(0));
  });
