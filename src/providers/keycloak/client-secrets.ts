import type { AddedSecret, Clients, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Serial } from "../../tenant/serial.ts";
import type { KeycloakContext } from "./context.ts";
import type { ClientDocument } from "./documents.ts";
import { newSecret } from "./new-secret.ts";
import type { RealmClient } from "./realm-client.ts";
import { rotatedChange, rotatedIn, withoutRotated } from "./rotated-secret.ts";

interface SecretParts {
  readonly context: KeycloakContext;
  readonly serial: Serial;
  /** Changes the client and reads it again. */
  readonly change: (ref: Ref, body: object) => Promise<RealmClient>;
}

/** The values in force. */
interface Held {
  readonly clientId: string;
  readonly current: string;
  readonly rotated: string | undefined;
}

/** Keycloak has no ids of secrets, and a secret's place changes: its keyed fingerprint stands for it. */
export const secretRef = (fingerprint: string): string => fingerprint.slice(0, 16);

/** Two secrets at a time: one in its usual place, and one that Keycloak calls rotated. */
export function createSecrets(parts: SecretParts): Pick<Clients, "addSecret" | "removeSecret" | "removeSecretByValue"> {
  const { context, serial, change } = parts;
  const refOf = (value: string): string => secretRef(context.fingerprint(value));
  const remove = async (ref: Ref, secret: string): Promise<void> => {
    const held = await heldBy(parts, ref);
    // Then no second secret works, and the operator never revokes the only one here.
    if (held === undefined) return;
    const { current, rotated } = held;
    if (rotated !== undefined && refOf(rotated) === secret) await change(ref, { attributes: withoutRotated() });
    else if (refOf(current) === secret)
      await change(ref, { secret: rotated ?? newSecret(), attributes: withoutRotated() });
  };
  return {
    addSecret: (ref, secret, insteadOf) =>
      serial(ref, async (): Promise<AddedSecret> => {
        const held = await heldBy(parts, ref);
        if (held === undefined) throw oneSecretOnly();
        const others = [held.current, held.rotated].filter((one) => one !== undefined && one !== secret) as string[];
        const kept = others.length < 2 ? others : others.filter((one) => refOf(one) !== insteadOf);
        if (kept.length >= 2) throw tooMany(held.clientId, others.map(refOf));
        await putInForce(parts, ref, { ...held, secret, kept: kept[0] });
        return { ref: refOf(secret), others: kept.map(refOf) };
      }),
    removeSecret: (ref, secret) => serial(ref, () => remove(ref, secret)),
    removeSecretByValue: (ref, value) => serial(ref, () => remove(ref, refOf(value))),
  };
}

const pathOf = (ref: Ref): string => `/clients/${encodeURIComponent(ref)}`;

/** `undefined` where the client cannot have two, or authenticates otherwise. */
async function heldBy({ context: { session, overlap, clock } }: SecretParts, ref: Ref): Promise<Held | undefined> {
  const document = await session.find<ClientDocument>(pathOf(ref));
  if (document === undefined) throw new ProviderError("not_found", "The client no longer exists in the realm.");
  const { clientAuthenticatorType: type, secret } = document;
  if (!overlap.isOffered() || type !== "client-secret" || secret == null || secret === "") return undefined;
  return { clientId: document.clientId, current: secret, rotated: rotatedIn(document, clock.now()) };
}

interface Wanted extends Held {
  readonly secret: string;
  /** The one that works beside it. */
  readonly kept: string | undefined;
}

/** The new secret works before the old one leaves its usual place, and nothing is lost where no policy allows two. */
async function putInForce({ context, change }: SecretParts, ref: Ref, wanted: Wanted): Promise<void> {
  const { secret, current, rotated, kept } = wanted;
  if (secret === current) return;
  // Keycloak leaves the second one where it is.
  if (kept !== undefined && kept === rotated) return void (await change(ref, { secret }));
  const at = context.clock.now();
  if (secret !== rotated) {
    const added = await change(ref, { attributes: rotatedChange(secret, at) });
    if (added.rotatedFingerprint !== context.fingerprint(secret)) {
      context.overlap.refuse(ref);
      throw oneSecretOnly();
    }
  }
  await change(ref, { secret, attributes: rotatedChange(current, at) });
}

const oneSecretOnly = (): ProviderError =>
  new ProviderError("unsupported", "The Keycloak client has one secret at a time.");

const tooMany = (clientId: string, refs: readonly string[]): ProviderError =>
  new ProviderError(
    "limit_reached",
    `Client ${clientId} has the maximum of two secrets (${refs.join(", ")}). Delete the rotated one in the realm if nobody uses it.`,
  );
