import { cpus, totalmem } from "node:os";

/** When and on what the figures came about, in one line. */
export function machine(now: Date): string {
  const [processor] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return [
    now.toISOString().slice(0, 16).replace("T", " ") + " UTC",
    `${String(cpus().length)} cores (${processor?.model.trim() ?? "unknown"})`,
    `${String(gibibytes)} GiB`,
    `Node ${process.versions.node}`,
    `${process.platform} ${process.arch}`,
  ].join(", ");
}
