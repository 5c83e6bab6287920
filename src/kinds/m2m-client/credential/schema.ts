import { z } from "zod";
import { objectName } from "../../schema/fields.ts";
import { offered } from "../../schema/offered.ts";
import { atomicList, withRules } from "../../schema/rules.ts";

const publicKey = () =>
  z.object({
    pem: withRules(z.string().min(100).max(10_000), [
      {
        rule: "self.startsWith('-----BEGIN PUBLIC KEY-----') && !self.contains('PRIVATE')",
        message: "must be a public key in PEM (-----BEGIN PUBLIC KEY-----). Never put a private key here",
        holds: (pem) => pem.startsWith("-----BEGIN PUBLIC KEY-----") && !pem.includes("PRIVATE"),
      },
    ]).describe(
      "Public key in PEM (SubjectPublicKeyInfo): RSA of at least 2048 bits, or a key on P-256, P-384, P-521 or Ed25519, as the provider supports.",
    ),
  });

const privateKeyJwt = () =>
  z.object({
    algorithm: z
      .enum(offered(({ assertionAlgorithms }) => assertionAlgorithms))
      .optional()
      .describe(
        "JWS algorithm of client assertions (RFC 7523), as the provider supports. The operator creates a key pair that fits it. A change rotates to a new key pair. Default: RS256. With publicKeys: the algorithm that fits each key.",
      ),
    publicKeys: atomicList(publicKey(), 50)
      .optional()
      .describe(
        "Public keys of your own key pairs. The operator registers them, and publishes no private key. You replace them yourself. If unset, the operator creates a key pair and publishes the private key.",
      ),
  });

const serviceAccount = () =>
  z.object({
    name: withRules(objectName(), [
      {
        rule: "self != 'default'",
        message: "every Pod that names no service account has default: create a service account for this workload",
        holds: (name) => name !== "default",
      },
    ]).describe("Name of a ServiceAccount in the namespace of this resource. Never default."),
  });

/** `spec.authentication`: how the client authenticates at the token endpoint. */
export const authentication = () =>
  withRules(
    z.object({
      method: z
        .enum(["client_secret_basic", "client_secret_post", "private_key_jwt", "kubernetes"])
        .optional()
        .describe(
          "Authentication method at the token endpoint (RFC 7591 section 2). kubernetes: the workload sends a token of its own Kubernetes service account (RFC 7523), so no credential exists. Default: the provider's default. An adopted client keeps its method if this is unset.",
        ),
      serviceAccount: serviceAccount()
        .optional()
        .describe(
          "Service account whose tokens the client authenticates with. Only with method kubernetes, which needs it.",
        ),
      privateKeyJwt: privateKeyJwt().optional().describe("Keys of the client. Only with method private_key_jwt."),
    }),
    [
      {
        rule: "has(self.serviceAccount) == (has(self.method) && self.method == 'kubernetes')",
        message: "set method: kubernetes and serviceAccount together, or neither",
        holds: (value) => (value.serviceAccount !== undefined) === (value.method === "kubernetes"),
      },
      {
        rule: "!has(self.privateKeyJwt) || (has(self.method) && self.method == 'private_key_jwt')",
        message: "privateKeyJwt needs method: private_key_jwt",
        holds: (value) => value.privateKeyJwt === undefined || value.method === "private_key_jwt",
      },
      {
        rule: "!has(self.privateKeyJwt) || !has(self.privateKeyJwt.publicKeys) || size(self.privateKeyJwt.publicKeys) > 0",
        message:
          "publicKeys needs at least one key: add one, or remove publicKeys to let the operator create a key pair",
        holds: (value) => value.privateKeyJwt?.publicKeys?.length !== 0,
      },
    ],
  );
