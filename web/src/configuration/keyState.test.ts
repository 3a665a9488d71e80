import { expect, it } from "vitest";
import { installCommand } from "./install";
import { keyState } from "./keyState";

const now = new Date("2025-06-15T12:00:00Z");
const fresh = { disabled: false, expires_at: null, use_limit: null, uses: 3 };

it.each([
  [{}, "Active"],
  [{ use_limit: 4 }, "Active"],
  [{ use_limit: 3 }, "Used up"],
  [{ expires_at: "2025-06-15T12:00:00Z" }, "Expired"],
  [{ expires_at: "2025-06-15T12:00:01Z" }, "Active"],
  [{ disabled: true, expires_at: "2020-01-01T00:00:00Z" }, "Disabled"],
])("a key with %j is %s", (more, label) => {
  expect(keyState({ ...fresh, ...more }, now).label).toBe(label);
});

it("writes the command with the address agents use", () => {
  const command = installCommand("https://fettle.corp.example:8481", "fk1-abc");
  expect(command).toContain("enroll --server https://fettle.corp.example:8481 --key fk1-abc");
});
