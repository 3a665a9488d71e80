/** What comes from outside: only a web address may become a link. */
export function webLink(url: string | null): string | undefined {
  return url && /^https?:\/\//i.test(url) ? url : undefined;
}
