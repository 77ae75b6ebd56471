/**
 * Builds the portal's pages into ui/dist. Nothing may be inlined into the page: its Content-Security-Policy allows
 * scripts, styles and fonts as files of this origin only.
 */
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { fixtureApi } from './dev/fixture-server.ts';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), twoLanguages(), fontsFirst(), devApi()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    // test/portal/script-size.test.ts reads from it what the first load is.
    manifest: 'manifest.json',
  },
});

/** React Aria carries the words of thirty languages with every widget; the portal speaks two. */
function twoLanguages(): Plugin {
  return {
    name: 'two-languages',
    enforce: 'pre',
    load(id) {
      const file = /react-aria(?:-components)?\/dist\/.*\/([a-z]{2}-[A-Z]{2})\.m?js$/.exec(id);
      return file === null || file[1] === 'de-DE' || file[1] === 'en-US' ? null : 'export default {};';
    },
  };
}

/** The font is asked for with the page, not when the style sheet has been read: text changes its face once less. */
function fontsFirst(): Plugin {
  return {
    name: 'fonts-first',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) => {
        const file = Object.keys(bundle ?? {}).find((name) =>
          /grotesk-latin-wght-normal.*\.woff2$/.test(name),
        );
        if (bundle !== undefined && file === undefined)
          throw new Error('the font is not among the built files');
        if (file === undefined) return [];
        const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href: `/${file}` };
        return [{ tag: 'link', attrs, injectTo: 'head-prepend' }];
      },
    },
  };
}

/** While developing, made-up data answer. */
function devApi(): Plugin {
  return {
    name: 'fixture-api',
    apply: 'serve',
    configureServer(server) {
      const answer = fixtureApi();
      server.middlewares.use((request, response, next) => {
        if (!answer(request, response)) next();
      });
    },
  };
}
