// One script and one style sheet, with names that the program knows (src/studio/page.cpp).
import { defineConfig } from "vite";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 65536,
    rollupOptions: {
      output: {
        entryFileNames: "studio.js",
        inlineDynamicImports: true,
        assetFileNames: "studio[extname]",
      },
    },
  },
});
