import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import type { Json } from "./json.ts";
import { type App, newOktaId, timeOf } from "./state.ts";

export interface OperatorKey {
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  readonly keyId: string;
}

/** How a program that manages the org by its API authenticates, beside the API token: one app with two keys. */
export interface Operator extends OperatorKey {
  readonly clientId: string;
  /** P-256, for ES256. */
  readonly ec: OperatorKey;
}

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

let shared: { readonly rsa: KeyPair; readonly ec: KeyPair } | undefined;

/** Keys take a moment to make, and nothing depends on whether two orgs of one process have the same. */
function keyPairs() {
  shared ??= {
    rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
    ec: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  };
  return shared;
}

const pemOf = ({ privateKey }: KeyPair): string => privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const newKeyId = (): string => `operator-${randomBytes(4).toString("hex")}`;

export const newOperator = (): Operator => ({
  clientId: newOktaId("0oa"),
  privateKey: pemOf(keyPairs().rsa),
  keyId: newKeyId(),
  ec: { privateKey: pemOf(keyPairs().ec), keyId: newKeyId() },
});

/** The app by which the operator authenticates: an application like every other, seen in the org's list. */
export function operatorApp({ clientId, keyId, ec }: Operator, nowMs: number): App {
  const at = timeOf(nowMs);
  const { rsa, ec: elliptic } = keyPairs();
  const key = (kid: string, { publicKey }: KeyPair) => ({
    ...(publicKey.export({ format: "jwk" }) as Json),
    ...{ id: newOktaId("pks"), status: "ACTIVE" as const, kid, use: null, created: at, lastUpdated: at },
  });
  return {
    ...{ id: clientId, name: "oidc_client", label: "m2m-operator", status: "ACTIVE", created: at, lastUpdated: at },
    ...{ clientId, authMethod: "private_key_jwt", signOnMode: "OPENID_CONNECT", profile: undefined },
    credentials: { oauthClient: {} },
    settings: { oauthClient: { application_type: "service", grant_types: ["client_credentials"] } },
    ...{ visibility: {}, accessibility: {}, secrets: [] },
    keys: [key(keyId, rsa), key(ec.keyId, elliptic)],
  };
}
