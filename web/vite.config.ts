import path from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds a running `fettle serve`. */
const server = process.env.FETTLE_SERVER ?? "http://127.0.0.1:8480";

const proxy = { "/api": { target: server, changeOrigin: true } };

export default defineConfig(async ({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [(await import("./mock/plugin.ts")).mockServer()] : [])],
  resolve: { alias: { "~": path.resolve(import.meta.dirname, "src") } },
  build: {
    // The console has a page at /assets, so built files live elsewhere.
    assetsDir: "static",
    target: "es2022",
    // Fonts stay files: the content security policy allows no data: fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: mode === "mock" ? {} : { proxy },
  preview: { proxy },
  test: {
    environment: "jsdom",
    setupFiles: ["./mock/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}", "mock/**/*.test.ts"],
    css: false,
    testTimeout: 30_000,
  },
}));
