import { describeKilledRotation } from "./killed.ts";

describeKilledRotation({ vendor: "auth0", what: "secret" });
