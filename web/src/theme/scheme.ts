import { localStorageColorSchemeManager } from "@mantine/core";

/** Remembers light, dark or "auto" (the system's preference) under the key public/scheme.js reads. */
export const schemeManager = localStorageColorSchemeManager({ key: "fettle-scheme" });
