// Bundles for the single executable: boot.cjs (first code of every thread), journal.cjs (the journal's thread) and app.cjs (everything else).

import { execFileSync } from 'node:child_process';
import { defineConfig } from 'tsup';

/** The commit that is built; a source archive has none. */
function gitCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'archive'; // No git, or no repository: the build date tells builds apart.
  }
}

// biome-ignore lint/style/noDefaultExport: tsup reads the default export
export default defineConfig({
  entry: { boot: 'src/boot.ts', app: 'src/main.ts', journal: 'src/journal.ts' },
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  outDir: 'dist',
  outExtension: () => ({ js: '.cjs' }),
  clean: false,
  splitting: false,
  dts: false,
  minify: true,
  noExternal: [/.*/],
  external: ['*.node'],
  define: {
    KTS_GIT_COMMIT: JSON.stringify(gitCommit()),
    KTS_BUILD_DATE: JSON.stringify(new Date().toISOString().replace(/\.\d+Z$/, 'Z')),
    'import.meta.url': 'undefined',
    'import.meta.dirname': 'undefined',
  },
  esbuildOptions(options) {
    options.supported = { ...options.supported, 'dynamic-import': false };
    options.lineLimit = 400; // An uncaught error then prints a line a person can read.
    options.keepNames = true;
    options.legalComments = 'none';
  },
});
