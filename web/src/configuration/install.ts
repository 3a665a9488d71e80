/** What to run on a machine to make it an asset. */
export function installCommand(server: string, key: string): string {
  return `fettle-agent enroll --server ${server} --key ${key}\nsystemctl enable --now fettle-agent`;
}
