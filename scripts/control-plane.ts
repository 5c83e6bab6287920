import { ensureBinaries } from "../control-plane/binaries.ts";

/** Makes sure that the control plane's binaries are there before anything waits for them under a time limit. */
await ensureBinaries((line) => {
  console.log(line);
});
