import { readFileSync } from "node:fs";

/** Clock ticks of a second in /proc; Linux has had this value on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
const MIB = 2 ** 20;

/** User and system time of a process, all its threads together, in seconds. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  // The second field may hold spaces; it ends with the last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export const residentMiBOf = (pid: number): number => memoryOf(pid, "VmRSS");

/** The most that the process ever had. */
export const peakResidentMiBOf = (pid: number): number => memoryOf(pid, "VmHWM");

function memoryOf(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024) / MIB;
}
