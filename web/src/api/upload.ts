import { proof, refusalOf } from "./client";
import { unreachable } from "./problem";
import type { paths } from "./schema";

/** Paths that take a file as it is, with what they answer. */
type Uploads = {
  [Path in keyof paths as paths[Path] extends {
    put: { requestBody: { content: { "application/octet-stream": string } } };
  }
    ? Path
    : never]: paths[Path] extends {
    put: { responses: { 200: { content: { "application/json": infer Answer } } } };
  }
    ? Answer
    : never;
};

/**
 * Sends a file and tells how much of it is on its way. Refusals are thrown as `Problem`; when `signal` says so it ends
 * with that signal's reason. `fetch` tells nothing of what was sent, hence the older way.
 */
export function upload<Path extends keyof Uploads & string>(
  path: Path,
  values: Record<string, string>,
  file: Blob,
  watch: { signal: AbortSignal; onSent: (bytes: number) => void },
): Promise<Uploads[Path]> {
  const { signal, onSent } = watch;
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open("PUT", url);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    for (const [name, value] of Object.entries(proof())) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(signal.reason);
    request.onload = () => {
      const answer = new Response(request.responseText, {
        status: request.status,
        statusText: request.statusText,
        headers: { "content-type": request.getResponseHeader("content-type") ?? "" },
      });
      if (answer.ok) resolve(answer.json() as Promise<Uploads[Path]>);
      else refusalOf(url, answer).then(reject, reject);
    };
    request.onloadend = () => signal.removeEventListener("abort", stop);
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", stop);
    request.send(file);
  });
}
