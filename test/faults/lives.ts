import type { SecretData } from "../e2e/rotation/workload.ts";
import type { Lane } from "./lane.ts";
import {
  adoptingManifests,
  apply,
  type KindName,
  KINDS,
  linesOf,
  manifestsOf,
  nameOf,
  type Wish,
} from "./resources.ts";

/** What must finally be true. */
export interface Wanted {
  readonly n: number;
  /** Everything that the tenant holds. */
  readonly holdings: readonly string[];
  /** Generation of each object that is Ready; the others are gone. */
  readonly present: ReadonlyMap<KindName, number>;
  /** With a rotation: the one credential has another id than this. */
  readonly replaced?: string;
  /** What worked before and does so no longer. */
  readonly refused?: SecretData;
}

/** One way in which things change. */
export interface Life {
  readonly name: string;
  /** What must be there before; undisturbed. */
  before(lane: Lane): Promise<Wish>;
  /** The change that is disturbed. */
  change(lane: Lane, wish: Wish): Promise<Wanted>;
  /** Whether the same objects can live it again, as the wish that this answers. */
  readonly again?: (wish: Wish) => Wish | undefined;
}

const secretWish = (lane: Lane): Wish => ({ n: lane.next(), edition: 0, method: "client_secret_basic" });
const keyWish = (lane: Lane): Wish => ({ ...secretWish(lane), method: "private_key_jwt" });
const edited = (wish: Wish): Wish => ({ ...wish, edition: wish.edition + 1 });

/** A client begins five rotations by request within five minutes, and a disturbed one may begin twice. */
const MAX_ROTATIONS = 2;

function rotatedOnce(wish: Wish): Wish | undefined {
  const rotations = (wish.rotations ?? 0) + 1;
  return rotations < MAX_ROTATIONS ? { ...wish, rotations } : undefined;
}

async function wanting(lane: Lane, wish: Wish): Promise<Wanted> {
  const present = await apply(lane, manifestsOf(lane.namespace, wish));
  return { n: wish.n, holdings: [...lane.baseline, ...linesOf(lane.vendor, wish)].toSorted(), present };
}

/** Everything of a wish, made and waited for. */
export type Settle = (lane: Lane, wanted: Wanted) => Promise<void>;

const made = async (lane: Lane, wish: Wish, settle: Settle): Promise<Wish> => {
  await settle(lane, await wanting(lane, wish));
  return wish;
};

async function removing(lane: Lane, wish: Wish, kinds: readonly KindName[]): Promise<Wanted> {
  const left = KINDS.filter((kind) => !kinds.includes(kind));
  const present = await generations(lane, wish.n, left);
  for (const kind of kinds) await lane.cluster.remove(kind, lane.namespace, nameOf(kind, wish.n));
  return { n: wish.n, holdings: [...lane.baseline, ...linesOf(lane.vendor, wish, left)].toSorted(), present };
}

async function generations(lane: Lane, n: number, kinds: readonly KindName[]): Promise<ReadonlyMap<KindName, number>> {
  const objects = await Promise.all(kinds.map((kind) => lane.cluster.get(kind, lane.namespace, nameOf(kind, n))));
  return new Map(
    objects.flatMap((object) =>
      object === undefined
        ? []
        : [[object.kind as KindName, (object.metadata as { readonly generation?: number }).generation ?? 0] as const],
    ),
  );
}

async function rotating(lane: Lane, wish: Wish, wanted: Wish, demand: object): Promise<Wanted> {
  const name = nameOf("M2MClient", wish.n);
  const client = await lane.cluster.get("M2MClient", lane.namespace, name);
  const [current] = (client?.status?.["credentials"] ?? []) as readonly { readonly id: string }[];
  const refused = (await lane.cluster.secret(lane.namespace, name)) ?? {};
  await lane.cluster.patch("M2MClient", lane.namespace, name, demand);
  return {
    ...{ n: wish.n, holdings: [...lane.baseline, ...linesOf(lane.vendor, wanted)].toSorted() },
    ...{ present: await generations(lane, wish.n, KINDS), replaced: current?.id ?? "", refused },
  };
}

const annotation = (key: string): object => ({
  metadata: { annotations: { [`m2m-operator.io/${key}`]: new Date().toISOString() } },
});

async function adopting(lane: Lane, n: number): Promise<Wanted> {
  return { n, holdings: lane.baseline, present: await apply(lane, adoptingManifests(lane, n)) };
}

/** Every life that is disturbed. `settle` waits for what is wanted when nothing disturbs it. */
export function createLives(settle: Settle): readonly Life[] {
  const rotation = (name: string, key: string, wishOf: (lane: Lane) => Wish): Life => ({
    name,
    before: (lane) => made(lane, wishOf(lane), settle),
    change: (lane, wish) => rotating(lane, wish, wish, annotation(key)),
    again: rotatedOnce,
  });
  const creation = (name: string, wishOf: (lane: Lane) => Wish): Life => ({
    name,
    before: async (lane) => wishOf(lane),
    change: wanting,
  });
  const removal = (name: string, kinds: readonly KindName[]): Life => ({
    name,
    before: (lane) => made(lane, secretWish(lane), settle),
    change: (lane, wish) => removing(lane, wish, kinds),
  });
  return [
    creation("create", secretWish),
    creation("create with a key", keyWish),
    {
      name: "edit",
      before: (lane) => made(lane, secretWish(lane), settle),
      change: (lane, wish) => wanting(lane, edited(wish)),
      again: edited,
    },
    {
      name: "edit and restart",
      before: (lane) => made(lane, secretWish(lane), settle),
      change: (lane, wish) => {
        lane.operator.kill("SIGKILL");
        return wanting(lane, edited(wish));
      },
      again: edited,
    },
    rotation("rotate a secret", "rotate-requested-at", secretWish),
    rotation("rotate a key", "rotate-requested-at", keyWish),
    rotation("leaked secret", "compromised-at", secretWish),
    {
      name: "change the method",
      before: (lane) => made(lane, secretWish(lane), settle),
      change: (lane, wish) => {
        const method = "private_key_jwt";
        return rotating(lane, wish, { ...wish, method }, { spec: { authentication: { method } } });
      },
    },
    { name: "adopt", before: async (lane) => secretWish(lane), change: (lane, { n }) => adopting(lane, n) },
    {
      name: "release what was adopted",
      before: async (lane) => {
        const wish = secretWish(lane);
        await settle(lane, await adopting(lane, wish.n));
        return wish;
      },
      change: async (lane, { n }) => {
        for (const kind of KINDS) await lane.cluster.remove(kind, lane.namespace, nameOf(kind, n));
        return { n, holdings: lane.baseline, present: new Map() };
      },
    },
    removal("remove all", KINDS),
    removal("remove client and grant", ["M2MClient", "ScopeGrant"]),
  ];
}
