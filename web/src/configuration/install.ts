/** Usual port of the agent link. */
const AGENT_PORT = 8481;

/** Where agents reach the server that this page came from. */
export function agentAddress(page: Pick<Location, "hostname">): string {
  return `https://${page.hostname}:${AGENT_PORT}`;
}

/** What to run on a machine to make it an asset. */
export function installCommand(server: string, key: string): string {
  return `fettle-agent enroll --server ${server} --key ${key}\nsystemctl enable --now fettle-agent`;
}
