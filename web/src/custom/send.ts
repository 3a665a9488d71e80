import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { api, body } from "~/api/client";
import type { CustomContent } from "~/api/model";
import { Problem } from "~/api/problem";
import { upload } from "~/api/upload";

/** Bytes read at once: few enough that the page answers between two parts. */
const PART = 4 * 1024 * 1024;
const CONTENT = "/api/v1/custom-patches/content/{sha256}";

/** How far a file is: first its digest is made, then it is sent. */
export type Sending = { step: "reading" | "sending"; bytes: number };

/** What the caller is told on the way, and how it stops all of it. */
export type Watch = { signal: AbortSignal; onProgress: (sending: Sending) => void };

/** Brings a file to the server, unless it is there already; answers with what it says of itself. */
export async function sendFile(file: File, { signal, onProgress }: Watch): Promise<CustomContent> {
  const digest = await digestOf(file, (bytes) => onProgress({ step: "reading", bytes }), signal);
  onProgress({ step: "sending", bytes: 0 });
  const there = await known(digest, signal);
  if (there) return there;
  return upload(CONTENT, { sha256: digest }, file, {
    signal,
    onSent: (bytes) => onProgress({ step: "sending", bytes }),
  });
}

async function digestOf(file: File, onRead: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const hash = sha256.create();
  for (let from = 0; from < file.size; from += PART) {
    onRead(from);
    hash.update(new Uint8Array(await file.slice(from, from + PART).arrayBuffer()));
    signal.throwIfAborted();
  }
  return bytesToHex(hash.digest());
}

async function known(digest: string, signal: AbortSignal): Promise<CustomContent | undefined> {
  try {
    return await body(api.GET(CONTENT, { params: { path: { sha256: digest } }, signal }));
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  }
}
