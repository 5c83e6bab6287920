import { parseArgs } from "node:util";
import { startSandbox } from "./start.ts";

const { values } = parseArgs({ options: { dir: { type: "string" }, port: { type: "string" } } });
if (values.dir === undefined) {
  console.error("usage: npm run sandbox -- --dir DIR [--port N]");
  process.exit(2);
}
const sandbox = await startSandbox({ dir: values.dir, port: Number(values.port ?? 0) });
console.log(`Auth0 tenant and Okta org at ${sandbox.auth0.url}; ca.pem and sandbox.json are in ${values.dir}.`);
console.log("Ctrl-C ends it.");
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    void sandbox.close().then(() => process.exit(0));
  });
