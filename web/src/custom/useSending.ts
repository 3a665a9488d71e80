import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { CustomContent } from "~/api/model";
import { type Sending, sendFile } from "./send";

/** A file on its way to the server, and what came of it. */
export type FileOnItsWay = {
  /** The file chosen last. */
  file: File | undefined;
  /** How far it is; nothing when it is not on its way. */
  sending: Sending | undefined;
  /** What it says of itself, once it is there. */
  content: CustomContent | undefined;
  error: unknown;
  send: (file: File) => void;
  /** Stops, or forgets the file that is there. */
  cancel: () => void;
};

/** Sends one file at a time. It stops when the page is left. */
export function useSending(): FileOnItsWay {
  const [sending, setSending] = useState<Sending>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const mutation = useMutation({
    mutationFn: (file: File) => {
      stop.current?.abort();
      const controller = new AbortController();
      stop.current = controller;
      return sendFile(file, {
        signal: controller.signal,
        onProgress: (next) => {
          if (!controller.signal.aborted) setSending(next);
        },
      });
    },
  });
  return {
    file: mutation.variables,
    sending: mutation.isPending ? (sending ?? { step: "reading", bytes: 0 }) : undefined,
    content: mutation.data,
    error: mutation.error,
    send: (file) => {
      setSending(undefined);
      mutation.mutate(file);
    },
    cancel: () => {
      stop.current?.abort();
      mutation.reset();
    },
  };
}
