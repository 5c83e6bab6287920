import { describeKilledRotation } from "./killed.ts";

describeKilledRotation({ vendor: "auth0", what: "key", spec: { authentication: { method: "private_key_jwt" } } });
