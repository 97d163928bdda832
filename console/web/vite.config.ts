import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Where the development server finds the API: the fixture server or a real one. */
const api = process.env['VONG_API'] ?? 'http://127.0.0.1:8080';

// oxlint-disable-next-line no-default-export -- vite reads its configuration from the default export
export default defineConfig({
  root: here,
  oxc: { jsx: { runtime: 'automatic' } },
  build: { outDir: 'dist', emptyOutDir: true, reportCompressedSize: false, assetsInlineLimit: 0 },
  server: { proxy: { '/api': api, '/live': { target: api, ws: true } } },
});
