// One script and one style sheet, with names that the program knows (src/studio/page.cpp).
import { defineConfig } from "vite";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 65536,
    chunkSizeWarningLimit: 1000, // kB; the page comes from the same machine
    rollupOptions: {
      output: {
        entryFileNames: "studio.js",
        inlineDynamicImports: true,
        assetFileNames: "studio[extname]",
      },
    },
  },
});
