import type { M2MClient } from "../../../src/kinds/m2m-client/schema.ts";
import { durationMs } from "../../../src/kinds/schema/duration.ts";
import type { Check, Hit } from "../check.ts";

const currentOf = ({ status }: M2MClient) => status?.credentials?.find(({ state }) => state === "Current");

/** A credential that is older than its policy allows. */
export const overdueRotation: Check = {
  name: "overdue-rotation",
  severity: "error",
  reports: "The credential of an M2MClient is older than `spec.rotation.every`.",
  risk: "The rotation is stuck, and the credential stays in force.",
  todo: "Find out what the rotation waits for: kubectl m2m status m2mc/NAME -n NAMESPACE.",
  needs: ["clients"],
  find: ({ clients, now }) =>
    clients.flatMap((client): readonly Hit[] => {
      const { every } = client.spec.rotation ?? {};
      const current = currentOf(client);
      if (every === undefined || current === undefined) return [];
      if (Date.parse(current.createdAt) + durationMs(every) >= now.getTime()) return [];
      return [{ on: client, why: `Its credential is of ${current.createdAt}, and spec.rotation.every is ${every}.` }];
    }),
};

/** A credential that is replaced only on request. */
export const noRotation: Check = {
  name: "no-rotation",
  severity: "warning",
  reports: "An M2MClient has a credential of the operator and no `spec.rotation.every`.",
  risk: "The credential stays in force until somebody requests a rotation.",
  todo: "Set spec.rotation.every, for example 720h.",
  needs: ["clients"],
  find: ({ clients }) =>
    clients.flatMap((client): readonly Hit[] => {
      const { authentication, rotation } = client.spec;
      const current = currentOf(client);
      const isOwnKey = authentication?.privateKeyJwt?.publicKeys !== undefined;
      if (current === undefined || isOwnKey || rotation?.every !== undefined) return [];
      return [{ on: client, why: `Its credential is of ${current.createdAt}, and nothing rotates it.` }];
    }),
};
