import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds the server; the default of `serve`. */
const SERVER = process.env['SIGNALBOX_DEV_SERVER'] ?? 'http://127.0.0.1:7766';

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  build: { outDir: 'dist/web', emptyOutDir: true, target: 'es2023', sourcemap: true },
  server: {
    host: '127.0.0.1',
    // The server refuses a foreign Host or Origin, so the proxy must speak as the server's own address.
    proxy: {
      '/api': { target: SERVER, changeOrigin: true, headers: { origin: SERVER } },
      '/events': { target: SERVER, changeOrigin: true, ws: true, headers: { origin: SERVER } },
      '/healthz': { target: SERVER, changeOrigin: true },
      '/version': { target: SERVER, changeOrigin: true },
    },
  },
});
