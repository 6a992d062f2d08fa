// Bundles for the single executable: boot.cjs (first code of every thread), journal.cjs (the journal's thread), agent.cjs (a node: the agent's
// thread, and `kts agent`) and app.cjs (everything else).

import { execFileSync } from 'node:child_process';
import { defineConfig, type Options } from 'tsup';

type PluginBuild = Parameters<NonNullable<Options['esbuildPlugins']>[number]['setup']>[0];

/** The commit that is built; a source archive has none. */
function gitCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'archive'; // No git, or no repository: the build date tells builds apart.
  }
}

/** boot.cjs runs agent and journal from their own bundles: app.cjs, which names them for running from source, must not carry them too. */
const ENTRIES_APART = {
  name: 'entries-apart',
  setup(build: PluginBuild) {
    build.onResolve({ filter: /\/(agent-entry|journal-entry|commands\/agent)\.ts$/ }, ({ importer, path }) =>
      /\/cli\/(run|threads)\.ts$/.test(importer) ? { path, external: true } : undefined,
    );
  },
};

// biome-ignore lint/style/noDefaultExport: tsup reads the default export
export default defineConfig({
  entry: { boot: 'src/boot.ts', app: 'src/main.ts', agent: 'src/agent.ts', journal: 'src/journal.ts' },
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
  esbuildPlugins: [ENTRIES_APART],
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
