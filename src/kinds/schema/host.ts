import { z } from "zod";
import { matching } from "./rules.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const HOST = `${LABEL}(\\.${LABEL})*(:[0-9]{1,5})?`;

/** A host in lower case, with a port where it is not 443. */
export const host = () =>
  matching(
    z.string().min(1).max(253),
    `^${HOST}$`,
    "must be a host in lower case, without https:// and without a path, for example tenant.example.com",
  );

/** `https://` and a host, without a path. */
export const origin = () =>
  matching(
    z.string().min(1).max(300),
    `^https://${HOST}$`,
    "must be https:// and a host in lower case, without a path or a slash at the end, for example https://org.example.com",
  );

/** `https://` and a host, and a path without a slash at its end. */
export const httpsUrl = () =>
  matching(
    z.string().min(1).max(300),
    `^https://${HOST}(/[-._~A-Za-z0-9]+)*$`,
    "must be an https:// URL with a host in lower case, without a slash at the end, for example https://sso.example.com/auth",
  );
