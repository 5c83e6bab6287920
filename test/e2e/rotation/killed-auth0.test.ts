import { describeKilledRotations } from "./killed.ts";

describeKilledRotations("auth0");
