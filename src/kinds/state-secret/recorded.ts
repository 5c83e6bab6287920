import { z } from "zod";
import { MAX_REQUEST_LENGTH } from "../schema/annotations.ts";
import { statusText, statusTime } from "../schema/status.ts";
import { type CredentialFacts, lifeOf, type RememberedState, type StateView } from "./facts.ts";

const credential = () =>
  z.object({
    id: statusText(128),
    authenticationMethod: z.enum(["client_secret_basic", "client_secret_post", "private_key_jwt", "kubernetes"]),
    fingerprint: statusText(64).optional().describe("Digest of a client secret, which only the operator can compute."),
    keyId: statusText(128).optional(),
    algorithm: statusText(16).optional(),
    subject: statusText(400).optional().describe("Claim sub of the service account's tokens."),
    registration: statusText(1024).optional().describe("The provider's ID of the credential."),
    request: statusText(MAX_REQUEST_LENGTH).optional().describe("Rotation request that this credential answers."),
    createdAt: statusTime(),
    registeredAt: statusTime().optional(),
    announcedAt: statusTime().optional(),
    activatedAt: statusTime().optional(),
    publishedAt: statusTime().optional(),
    shown: z.boolean().optional().describe("Whether the Secret shows it beside the credential in force."),
  });

const record = () =>
  z.object({
    version: statusText(128).describe("UID and resourceVersion of the state Secret."),
    clientId: statusText(255),
    current: credential().optional(),
    next: credential().optional(),
    previous: credential().optional(),
  });

/** What status says of a state Secret: facts without values, for exactly one version of it. */
export type RecordedState = z.infer<ReturnType<typeof record>>;
type RecordedCredential = z.infer<ReturnType<typeof credential>>;

/** `status.stateSecret`, for the schema of M2MClient. */
export const recordedState = () =>
  record()
    .optional()
    .describe(
      "Content of the state Secret in this version, without values. It saves the operator a read after a restart.",
    );

const SCHEMA = record();
/** What `Date.toISOString` makes of years that the API server takes. */
const WRITTEN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * The facts as status records them; `undefined` for a state Secret that has none, or that status cannot repeat without a
 * loss: a person may write longer texts and other times into it than the operator.
 */
export function recordOfState({ version, current, next, previous }: StateView): RecordedState | undefined {
  const [first] = [current, next, previous].filter((facts) => facts !== undefined);
  if (first === undefined) return undefined;
  const credentials = Object.entries({ current, next, previous }).flatMap(([role, facts]) =>
    facts === undefined ? [] : [[role, recordOfCredential(facts)] as const],
  );
  const { data, success } = SCHEMA.safeParse({ version, clientId: first.clientId, ...Object.fromEntries(credentials) });
  if (!success || !data.clientId.isWellFormed()) return undefined;
  return [data.current, data.next, data.previous].every(isRepeatable) ? data : undefined;
}

function recordOfCredential(facts: CredentialFacts): RecordedCredential {
  const { createdAt: _exact, isShown, ...times } = facts.life;
  const members = {
    ...{ id: facts.id, authenticationMethod: facts.authenticationMethod, ...valueOf(facts) },
    ...{ registration: facts.registration, request: facts.request, createdAt: facts.createdAt },
    ...Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time?.toISOString()])),
    shown: isShown ? true : undefined,
  };
  return Object.fromEntries(
    Object.entries(members).filter(([, member]) => member !== undefined),
  ) as unknown as RecordedCredential;
}

/** What stands for the value. */
function valueOf(facts: CredentialFacts): object {
  switch (facts.kind) {
    case "secret":
      return { fingerprint: facts.fingerprint };
    case "key":
      return { keyId: facts.keyId, algorithm: facts.algorithm };
    case "serviceAccount":
      return { subject: facts.subject };
  }
}

function isRepeatable(credential: RecordedCredential | undefined): boolean {
  if (credential === undefined) return true;
  const { createdAt, registeredAt, announcedAt, activatedAt, publishedAt } = credential;
  const times = [createdAt, registeredAt, announcedAt, activatedAt, publishedAt].filter((time) => time !== undefined);
  // The API server gives half a character back as another one, and the proof would be for the first.
  const texts = Object.values(credential).filter((member) => typeof member === "string");
  return times.every((time) => WRITTEN_TIME.test(time)) && texts.every((text) => text.isWellFormed());
}

/** The facts that were recorded: to be believed only for a state Secret of this very version, from a proven status. */
export function stateOfRecord({ version, clientId, current, next, previous }: RecordedState): RememberedState {
  const factsOf = (credential: RecordedCredential | undefined): CredentialFacts | undefined =>
    credential === undefined ? undefined : factsOfRecord(clientId, credential);
  const [inForce, coming, former] = [factsOf(current), factsOf(next), factsOf(previous)];
  return {
    version,
    ...(inForce === undefined ? {} : { current: inForce }),
    ...(coming === undefined ? {} : { next: coming }),
    ...(former === undefined ? {} : { previous: former }),
  };
}

function factsOfRecord(clientId: string, credential: RecordedCredential): CredentialFacts {
  const { id, authenticationMethod, fingerprint = "", keyId = "", algorithm = "", createdAt } = credential;
  const { subject = "" } = credential;
  const { registration, request, shown: isShown } = credential;
  const life = lifeOf({ ...credential, isShown });
  const common = { id, clientId, createdAt, authenticationMethod, registration, request, life };
  if (authenticationMethod === "kubernetes") return { ...common, kind: "serviceAccount", subject };
  return authenticationMethod === "private_key_jwt"
    ? { ...common, kind: "key", keyId, algorithm }
    : { ...common, kind: "secret", fingerprint };
}
