import { expect, it } from "vitest";
import { passwordComplaint } from "./password";

it("counts characters, not code units", () => {
  expect(passwordComplaint("😀".repeat(11), "")).toEqual({
    of: "password",
    message: "Too short by 1 character.",
  });
  expect(passwordComplaint("😀".repeat(12), "😀".repeat(12))).toBeNull();
});

it("wants the same twice", () => {
  expect(passwordComplaint("correct horse battery", "correct horse batterz")?.of).toBe("again");
});
