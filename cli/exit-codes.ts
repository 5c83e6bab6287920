/** What the exit code of the plugin says. docs/reference/kubectl-m2m.md has the same table. */
export const EXIT = { done: 0, failed: 1, usage: 2, notReady: 3, incomplete: 4, changes: 2, refused: 3 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Meaning of each code, for the reference page. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: "Done. For `status`: every resource is Ready. For `verify`: no token is wrong. For `doctor`: no finding is as severe as `--fail-on`. For `plan`: applying would change nothing.",
  failed:
    "Failed: an object does not exist, or a permission is missing. The API server or the tenant did not answer, or refused. Or you declined.",
  usage: "The command line is wrong. For `plan`, that is 1.",
  notReady:
    "A resource is not Ready. Or a token is wrong or refused in `verify`. Or `doctor` has a finding as severe as `--fail-on`. Or the timeout of `--wait` passed.",
  incomplete: "`export` has written everything that the manifests can say, and the tenant holds more.",
  changes: "For `plan`: applying would change something.",
  refused: "For `plan`: the operator would refuse a resource.",
};
