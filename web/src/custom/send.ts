import { api, body } from "~/api/client";
import type { CustomContent } from "~/api/model";
import { Problem } from "~/api/problem";
import { upload } from "~/api/upload";
import { Sha256 } from "./sha256";

/** Bytes read at once: few enough that the page answers between two parts. */
const PART = 4 * 1024 * 1024;
const CONTENT = "/api/v1/custom-patches/content/{sha256}";

/** How far a file is: first its digest is made, then it is sent. */
export type Sending = { step: "reading" | "sending"; bytes: number };

/** What the caller is told on the way, and how it stops all of it. */
export type Watch = { signal: AbortSignal; onProgress: (sending: Sending) => void };

/** Brings a file to the server, unless it is there already; answers with what it says of itself. */
export async function sendFile(file: File, { signal, onProgress }: Watch): Promise<CustomContent> {
  const sha256 = await digestOf(file, (bytes) => onProgress({ step: "reading", bytes }), signal);
  onProgress({ step: "sending", bytes: 0 });
  const there = await known(sha256, signal);
  if (there) return there;
  return upload(CONTENT, { sha256 }, file, {
    signal,
    onSent: (bytes) => onProgress({ step: "sending", bytes }),
  });
}

async function digestOf(file: File, onRead: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const digest = new Sha256();
  for (let from = 0; from < file.size; from += PART) {
    onRead(from);
    digest.update(new Uint8Array(await file.slice(from, from + PART).arrayBuffer()));
    signal.throwIfAborted();
  }
  return digest.hex();
}

async function known(sha256: string, signal: AbortSignal): Promise<CustomContent | undefined> {
  try {
    return await body(api.GET(CONTENT, { params: { path: { sha256 } }, signal }));
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  }
}
