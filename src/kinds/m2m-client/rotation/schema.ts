import { z } from "zod";
import { duration, durationMs } from "../../schema/duration.ts";
import { withRules } from "../../schema/rules.ts";

/** `spec.rotation`: when and how the credential is replaced. */
export const rotation = () =>
  withRules(
    z.object({
      every: duration("1m", "87600h")
        .optional()
        .describe(
          "Maximum age of a credential. The operator rotates it at a random point in the last tenth of this time. If unset, it rotates only on request, by the annotation m2m-operator.io/rotate-requested-at.",
        ),
      announce: duration("0s", "168h")
        .optional()
        .describe(
          "Time that the next credential is published under next_… before it comes into force. Only where the provider accepts one credential at a time. Default: 5m, or half of every if that is shorter.",
        ),
      overlap: duration("0s", "8760h")
        .optional()
        .describe(
          "Time that the old credential stays valid after the new one is published. Only where the provider accepts two credentials. Default: 24h, or half of every if that is shorter.",
        ),
      waitForPods: z
        .enum(["None", "EnvAndSubPath", "All"])
        .optional()
        .describe(
          "Running Pods that keep the old credential valid until they restart. EnvAndSubPath: Pods that read the Secret through environment variables or a subPath mount. All: every Pod that uses the Secret. Default: EnvAndSubPath, or None if the operator runs without --pod-awareness.",
        ),
      maxWait: duration("0s", "8760h")
        .optional()
        .describe("Maximum time that a rotation waits for Pods, after announce or overlap. Default: 168h."),
    }),
    [
      {
        rule: "!has(self.every) || !has(self.overlap) || duration(self.overlap) < duration(self.every)",
        message: "overlap must be shorter than every",
        holds: ({ every, overlap }) =>
          every === undefined || overlap === undefined || durationMs(overlap) < durationMs(every),
      },
      {
        rule: "!has(self.every) || !has(self.announce) || duration(self.announce) < duration(self.every)",
        message: "announce must be shorter than every",
        holds: ({ every, announce }) =>
          every === undefined || announce === undefined || durationMs(announce) < durationMs(every),
      },
    ],
  );
