/** Fewest characters of a password, as the server wants it. */
export const LEAST_PASSWORD = 12;

/** What is wrong with a password typed twice, if anything. */
export function passwordComplaint(
  password: string,
  again: string,
): { of: "password" | "again"; message: string } | null {
  const length = [...password].length;
  if (length < LEAST_PASSWORD) {
    const lacking = LEAST_PASSWORD - length;
    return {
      of: "password",
      message: `Too short by ${lacking} ${lacking === 1 ? "character" : "characters"}.`,
    };
  }
  return password === again ? null : { of: "again", message: "The two passwords differ." };
}
