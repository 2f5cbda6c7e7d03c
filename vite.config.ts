import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run dev` finds the server; the default of `serve`. */
const SERVER = process.env['SIGNALBOX_DEV_SERVER'] ?? 'http://127.0.0.1:7766';

/** What is text is there packed, too: gzip for a server on a private network, Brotli behind TLS, where browsers take it. */
function packed(): Plugin {
  const TEXT = /\.(?:js|css|html|svg)$/;
  return {
    name: 'packed',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const names = (await readdir(dir, { recursive: true })).filter((name) => TEXT.test(name));
      await Promise.all(
        names.map(async (name) => {
          const file = join(dir, name);
          const data = await readFile(file);
          await writeFile(`${file}.gz`, await promisify(gzip)(data, { level: 9 }));
          await writeFile(`${file}.br`, await promisify(brotliCompress)(data));
        }),
      );
    },
  };
}

export default defineConfig({
  plugins: [svelte({ configFile: false }), packed()],
  // The manifest tells the server what a view is made of.
  build: { outDir: 'dist/web', emptyOutDir: true, target: 'es2023', sourcemap: true, manifest: true },
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
