import { expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import type { Change } from "../../src/assembly/preview/change.ts";
import { previewChange } from "../../src/assembly/preview/preview.ts";
import type { Provider } from "../../src/ports/provider.ts";
import { createRandom } from "../endurance/random.ts";
import { pooledKey, startWorld } from "../preview/live-world.ts";
import { allowed, randomChange, randomWorld, type Unmanaged, unmanagedObjects } from "../preview/random-changes.ts";
import { createTrace, naming } from "../preview/trace.ts";

/** Worlds for each vendor. `M2M_PREVIEW_WORLDS` sets another number, and `M2M_PREVIEW_SEED` the first seed. */
const WORLDS = Number(process.env["M2M_PREVIEW_WORLDS"] ?? "25");
const FIRST_SEED = Number(process.env["M2M_PREVIEW_SEED"] ?? "1");

/** Worlds leave their objects behind, and each reads the whole tenant. */
const WORLDS_PER_TENANT = 25;

interface Played {
  readonly change: Change;
  readonly previewed: readonly string[];
  readonly applied: readonly string[];
  readonly conditions: readonly [unknown, unknown];
}

async function play(vendor: "auth0" | "okta", seed: number, sandbox: Sandbox): Promise<Played> {
  const random = createRandom(seed);
  const applied = createTrace();
  let isChanging = false;
  let unmanaged: Unmanaged | undefined;
  const allow = async (provider: Provider) => {
    unmanaged = await unmanagedObjects(provider, seed);
    return allowed(unmanaged, random.next() < 0.8);
  };
  const world = await startWorld(vendor, sandbox, allow, {
    onCall: (call) => {
      if (isChanging) applied.call(call);
    },
    onWrite: (write) => {
      if (isChanging) applied.write(write);
    },
    onChosen: (value, isKey) => {
      if (isChanging) applied.name(value, isKey);
    },
  });
  if (unmanaged === undefined) throw new Error("nothing was made");
  const first = randomWorld(random, vendor, seed, unmanaged);
  await world.play(first);
  const change = randomChange(random, vendor, seed, first, unmanaged);
  const foreseen = createTrace();
  const preview = await previewChange(
    {
      ...{ live: world.live, key: pooledKey, onCall: foreseen.call, onWrite: foreseen.write },
      wrap: (provider) => naming(provider, foreseen.name),
    },
    change,
  );
  isChanging = true;
  await world.play(change);
  const end = await previewChange({ live: world.live, key: pooledKey }, change);
  const readyOf = ({ objects }: typeof preview) =>
    objects.filter(({ isChanged }) => isChanged).map(({ name, ready }) => [name, ready?.reason]);
  return {
    change,
    previewed: foreseen.entries(),
    applied: applied.entries(),
    conditions: [readyOf(preview), readyOf(end)],
  };
}

async function inNewTenant(use: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = await startSandbox();
  try {
    await use(sandbox);
  } finally {
    await sandbox.close();
  }
}

async function compare(vendor: "auth0" | "okta", seed: number, sandbox: Sandbox): Promise<void> {
  const { change, previewed, applied, conditions } = await play(vendor, seed, sandbox);
  const about = `seed ${String(seed)}: ${JSON.stringify(change)}`;
  expect(previewed, about).toEqual(applied);
  expect(conditions[0], about).toEqual(conditions[1]);
}

it.each(["auth0", "okta"] as const)(
  "a preview foresees every call, Secret and ConfigMap of a random change, in order (%s)",
  async (vendor) => {
    const end = FIRST_SEED + WORLDS;
    for (let first = FIRST_SEED; first < end; first += WORLDS_PER_TENANT)
      await inNewTenant(async (sandbox) => {
        for (let seed = first; seed < Math.min(first + WORLDS_PER_TENANT, end); seed++)
          await compare(vendor, seed, sandbox);
      });
  },
  1_200_000,
);
