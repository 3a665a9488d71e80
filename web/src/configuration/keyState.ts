import type { Key } from "~/api/model";
import type { Word } from "~/display/words";

/** Whether machines can enrol with a key, and if not, why. */
export function keyState(key: Pick<Key, "disabled" | "expires_at" | "use_limit" | "uses">, now: Date): Word {
  if (key.disabled) return { label: "Disabled", tone: "idle" };
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now.getTime())
    return { label: "Expired", tone: "warn" };
  if (key.use_limit !== null && key.uses >= key.use_limit) return { label: "Used up", tone: "warn" };
  return { label: "Active", tone: "good" };
}
