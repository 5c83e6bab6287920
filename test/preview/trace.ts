import type { ServedObject, ServedWrite } from "../../src/assembly/preview/api-server.ts";
import type { TenantCall } from "../../src/preview/tenant/writes.ts";
import type { Provider } from "../../src/ports/provider.ts";

/** What the operator did, in order, with names in place of what nobody can foresee. */
export interface Trace {
  readonly call: (call: TenantCall) => void;
  readonly write: (write: ServedWrite) => void;
  /** A value that the tenant chose or that the operator drew by chance. */
  readonly name: (value: string | undefined, isKey?: boolean) => void;
  readonly entries: () => readonly string[];
}

export function createTrace(): Trace {
  const raw: string[] = [];
  const names: string[] = [];
  const keys = new Set<string>();
  return {
    name: (value, isKey = false) => {
      if (value === undefined || value === "" || names.includes(value)) return;
      // Some providers know a key by its own ID and choose none: those of keys have no place among the others.
      if (isKey) keys.add(value);
      else names.push(value);
    },
    call: ({ call, args }) => raw.push(`${call} ${JSON.stringify(args)}`),
    write: (write) => {
      if (write.kind === "Secret" || write.kind === "ConfigMap") raw.push(writeText(write));
    },
    entries: () => raw.map((text) => normalised(withoutKeys(text, keys), names)),
  };
}

function writeText({ kind, before, after, isCollected }: ServedWrite): string {
  const verb = before === undefined ? "create" : after === undefined ? "delete" : "update";
  const by = isCollected === true ? "collected " : "";
  const { name = "", namespace = "" } = (after ?? before)?.metadata ?? {};
  return `${by}${verb} ${kind} ${namespace}/${name} ${after === undefined ? "" : factsText(kind, after)}`;
}

function factsText(kind: string, { metadata, data = {}, type }: ServedObject): string {
  const decoded = Object.entries(data).map(([key, value]): [string, string] => [key, decode(kind, value)]);
  return JSON.stringify({ type, labels: metadata.labels, data: Object.fromEntries(decoded) });
}

const decode = (kind: string, value: string): string =>
  kind === "Secret" ? Buffer.from(value, "base64").toString("utf8") : value;

function withoutKeys(text: string, keys: ReadonlySet<string>): string {
  let plain = text;
  for (const key of [...keys].sort((a, b) => b.length - a.length))
    plain = plain.replaceAll(key, "<key id>").replaceAll(encodeURIComponent(key), "<key id>");
  return plain;
}

function normalised(text: string, names: readonly string[]): string {
  let plain = text;
  const indexed = names.map((name, index) => ({ name, index }));
  // The longest first: one may begin with another.
  for (const { name, index } of indexed.sort((a, b) => b.name.length - a.name.length))
    plain = plain.replaceAll(name, `#${String(index)}`).replaceAll(encodeURIComponent(name), `#${String(index)}`);
  return plain
    .replaceAll(/https:\/\/[^"\\ ]*(?:oauth2|\(known-after-apply\))\/#\d+[^"\\ ]*/g, "<url of a new server>")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "<time>")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>")
    .replaceAll(/-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----(?:\\+n)?/g, "<key>")
    .replaceAll(/(\\+"registration\\+":\\+")[^"\\]*/g, "$1<registration>")
    .replaceAll(/"nonce":"[0-9a-f]{16}"/g, '"nonce":"<nonce>"')
    .replaceAll(/\\*"id\\*":\\*"[0-9a-f]{16}\\*"/g, "<id>")
    .replaceAll(/(?<![-_A-Za-z0-9])[-_A-Za-z0-9]{64}(?![-_A-Za-z0-9])/g, "<secret>")
    .replaceAll(/(?<![-_A-Za-z0-9])[-_A-Za-z0-9]{43}(?![-_A-Za-z0-9])/g, "<key id>");
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** The same provider, which tells everything that it chooses. */
export function naming(provider: Provider, name: Trace["name"]): Provider {
  const note = (result: unknown): void => {
    if (typeof result === "string") name(result);
    const { ref, client, clientId, clientSecret, keyId, keys } = (result ?? {}) as Readonly<Record<string, never>>;
    name(ref, keyId !== undefined);
    name(clientId);
    if (client !== undefined) note(client);
    name(clientSecret);
    for (const key of (keys ?? []) as readonly unknown[]) note(key);
    if (Array.isArray(result)) for (const one of result) note(one);
  };
  const wrapped = <T extends object>(room: T, calls: readonly string[]): T => ({
    ...room,
    ...Object.fromEntries(
      calls.map((call) => [
        call,
        async (...args: readonly unknown[]) => {
          const result = await (room as Readonly<Record<string, Call>>)[call]?.(...args);
          note(result);
          return result;
        },
      ]),
    ),
  });
  return {
    ...provider,
    apis: wrapped(provider.apis, ["create", "readSigningSecret"]),
    clients: wrapped(provider.clients, ["create", "addSecret", "addPublicKey", "setPublicKeys", "replaceSecret"]),
    grants: wrapped(provider.grants, ["create"]),
  };
}
