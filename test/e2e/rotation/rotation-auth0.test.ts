import { describeRotations } from "./rotating.ts";

describeRotations("auth0");
