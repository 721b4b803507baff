// How the page is bundled. The daemon serves the result as plain files under
// a strict content security policy: nothing inline, everything same-origin.
import { defineConfig } from "vite";

const daemon = process.env.OUTRIGGER_URL ?? "http://127.0.0.1:3002";

export default defineConfig({
  base: "/",
  esbuild: {
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
  },
  build: {
    target: "es2022",
    outDir: "dist",
    assetsDir: "assets", // every file here has a hash in its name
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  server: {
    // `npm run dev` against a running daemon. It accepts only its own origin,
    // so the proxy speaks in its name.
    proxy: Object.fromEntries(
      ["/ws", "/terminals", "/health", "/runtime", "/files", "/api", "/ticket"].map((path) => [
        path,
        {
          target: daemon,
          ws: path === "/ws",
          changeOrigin: true,
          headers: { origin: daemon },
        },
      ]),
    ),
  },
});
