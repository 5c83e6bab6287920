/** The operator's own store of one client's credentials: `<client>.m2m-state`, beside the client. */
export function stateSecretNameOf(clientName: string): string {
  return `${clientName}.m2m-state`;
}
