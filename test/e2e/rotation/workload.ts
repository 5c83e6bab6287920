import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { importPKCS8, SignJWT } from "jose";
import { Agent, fetch } from "undici";

export type SecretData = Readonly<Record<string, string>>;

/** How a program uses its Secret. */
export interface WorkloadOptions {
  /** The Secret as it is in the cluster now. */
  readonly read: () => Promise<SecretData | undefined>;
  readonly caPem: string;
  /** Files of a volume are as old as this, in milliseconds; `env`: what was read once at the start. */
  readonly filesBehindMs: number | "env";
  /** Whether it tries `next_…` and `previous_…` when the tenant refuses what is in force. */
  readonly fallsBack: boolean;
  /** Pause between two requests, in milliseconds. */
  readonly everyMs: number;
}

export interface WorkloadCount {
  readonly requests: number;
  /** Requests for which no token could be had, after everything the program tries. */
  readonly failed: number;
  /** Of these, the ones that still failed with a fresh read a minute later. */
  readonly failedForGood: number;
  /** What the first of them was answered. */
  readonly firstFailure: string | undefined;
}

export interface Workload {
  /** What it has counted so far. */
  readonly count: () => WorkloadCount;
  stop(): Promise<WorkloadCount>;
}

/** Asks for tokens without end, with nothing but what a Pod has of the Secret. */
export function startWorkload(options: WorkloadOptions): Workload {
  const dispatcher = new Agent({ connect: { ca: options.caPem } });
  const files = createFiles(options);
  let isRunning = true;
  let requests = 0;
  let failed = 0;
  let failedForGood = 0;
  let firstFailure: string | undefined;
  const pending: Promise<void>[] = [];
  const ask = async (): Promise<void> => {
    const secret = await files.current();
    if (secret === undefined) return;
    requests += 1;
    const refusal = await tokenWith(secret, options.fallsBack, dispatcher);
    if (refusal === undefined) return;
    failed += 1;
    firstFailure ??= `${new Date().toISOString()} ${refusal}`;
    // A workload that never reads again has nothing to try again with.
    if (options.filesBehindMs === "env") return;
    pending.push(
      retried(options, dispatcher).then((isGood) => {
        if (!isGood) failedForGood += 1;
      }),
    );
  };
  const loop = (async () => {
    while (isRunning) {
      await ask();
      await delay(options.everyMs);
    }
  })();
  const count = (): WorkloadCount => ({ requests, failed, failedForGood, firstFailure });
  return {
    count,
    stop: async () => {
      isRunning = false;
      await loop;
      await Promise.all(pending);
      files.stop();
      await dispatcher.close();
      return count();
    },
  };
}

const RETRY_WITHIN_MS = 60_000;

/** What a program does that got no token: it reads the Secret again and asks once more, for up to a minute. */
async function retried({ read, fallsBack }: WorkloadOptions, dispatcher: Agent): Promise<boolean> {
  const until = Date.now() + RETRY_WITHIN_MS;
  while (Date.now() < until) {
    await delay(500);
    const secret = await read();
    if (secret !== undefined && (await tokenWith(secret, fallsBack, dispatcher)) === undefined) return true;
  }
  return false;
}

/** The Secret as a kubelet delivers it: late. */
function createFiles({ read, filesBehindMs }: WorkloadOptions): {
  current(): Promise<SecretData | undefined>;
  stop(): void;
} {
  let delivered: SecretData | undefined;
  if (filesBehindMs === "env") return { current: async () => (delivered ??= await read()), stop: () => undefined };
  const ended = new AbortController();
  const deliver = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const seen = await read();
      await delay(delivered === undefined ? 0 : filesBehindMs);
      delivered = seen ?? delivered;
    }
  };
  void deliver();
  return {
    current: () => Promise.resolve(delivered),
    stop: () => {
      ended.abort();
    },
  };
}

/** Tries what is in force, then what it knows beside it, all of that twice; what the tenant said when nothing worked. */
export async function tokenWith(
  secret: SecretData,
  fallsBack: boolean,
  dispatcher: Agent,
): Promise<string | undefined> {
  const prefixes = fallsBack ? ["", "next_", "previous_", "", "next_", "previous_"] : [""];
  let refusal = "nothing to authenticate with";
  for (const prefix of prefixes) {
    if (secret[`${prefix}token_endpoint_auth_method`] === undefined) continue;
    const answer = await ask(secret, prefix, dispatcher);
    if (answer === undefined) return undefined;
    refusal = answer;
  }
  return refusal;
}

/** One request with all that the Secret offers; what the tenant said when nothing worked. */
export async function tokenOnce(secret: SecretData, caPem: string): Promise<string | undefined> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  try {
    return await tokenWith(secret, true, dispatcher);
  } finally {
    await dispatcher.close();
  }
}

async function ask(secret: SecretData, prefix: string, dispatcher: Agent): Promise<string | undefined> {
  const { client_id: id = "", token_endpoint: url = "", audience = "" } = secret;
  const method = secret[`${prefix}token_endpoint_auth_method`];
  const value = secret[`${prefix}client_secret`] ?? "";
  const basic = { authorization: `Basic ${Buffer.from(`${id}:${value}`).toString("base64")}` };
  const answer = await fetch(url, {
    method: "POST",
    dispatcher,
    headers: method === "client_secret_basic" ? basic : {},
    body: new URLSearchParams({
      grant_type: "client_credentials",
      audience,
      scope: secret["scopes"] ?? "",
      ...(method === "client_secret_post" ? { client_id: id, client_secret: value } : {}),
      ...(method === "private_key_jwt" ? await assertion(secret, prefix) : {}),
    }),
  });
  const body = (await answer.json()) as { error?: string; error_description?: string };
  return answer.status === 200
    ? undefined
    : `${String(answer.status)} ${body.error ?? ""} ${body.error_description ?? ""}`;
}

/** RFC 7523 section 2.2. */
async function assertion(secret: SecretData, prefix: string): Promise<Record<string, string>> {
  const algorithm = secret[`${prefix}signing_algorithm`] ?? "RS256";
  const { client_id: id = "" } = secret;
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: algorithm, kid: secret[`${prefix}key_id`] ?? "" })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(secret[`${prefix}client_assertion_audience`] ?? "")
    .setIssuedAt()
    .setExpirationTime("60s")
    .setJti(randomUUID())
    .sign(await importPKCS8(secret[`${prefix}private_key`] ?? "", algorithm));
  return {
    client_id: id,
    client_assertion: token,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  };
}
