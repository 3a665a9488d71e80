import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { Sha256 } from "./sha256";

const expected = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const filled = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 131 + (at >> 8)) & 255);

it("digests what the standard gives as its example", () => {
  const abc = new TextEncoder().encode("abc");
  expect(new Sha256().update(abc).hex()).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  expect(new Sha256().hex()).toBe(expected(new Uint8Array()));
});

it("digests every length around the ends of blocks", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = filled(length);
    expect(new Sha256().update(bytes).hex(), `${length} bytes`).toBe(expected(bytes));
  }
});

it("digests the same however the bytes are cut", () => {
  const bytes = filled(5_000);
  for (const size of [1, 7, 63, 64, 65, 1_000, 4_999]) {
    const digest = new Sha256();
    for (let at = 0; at < bytes.length; at += size) digest.update(bytes.subarray(at, at + size));
    expect(digest.hex(), `parts of ${size}`).toBe(expected(bytes));
  }
});
