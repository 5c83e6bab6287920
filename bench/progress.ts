const SILENCE_MS = 10_000;

/**
 * Runs a benchmark that says what it does. Where it says nothing for ten seconds, its last line is repeated with the time
 * that has passed since, so that somebody who waits sees that it still runs.
 */
export async function withProgress<T>(name: string, run: (say: (line: string) => void) => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  let last = { line: name, at: startedAt };
  let saidAt = startedAt;
  const say = (line: string): void => {
    saidAt = performance.now();
    last = { line, at: saidAt };
    console.log(line);
  };
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - saidAt < SILENCE_MS) return;
    saidAt = now;
    console.log(`${last.line} (${((now - last.at) / 1000).toFixed(0)} s)`);
  }, 1000);
  try {
    return await run(say);
  } finally {
    clearInterval(timer);
    console.log(`${name}: took ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes`);
  }
}
