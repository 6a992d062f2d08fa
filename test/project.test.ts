// Tests of the project itself: layers, import cycles, names, sizes, what only base may touch. The rules are those of CONTRIBUTING.md.

import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

/** Which layer may import which; a layer may always import itself. ARCHITECTURE.md shows the same table. */
const LAYERS: Record<string, readonly string[]> = {
  base: [],
  api: ['base'],
  client: ['api', 'base'],
  cri: ['base'],
  cni: ['base'],
  server: ['client', 'api', 'base'],
  agent: ['cri', 'cni', 'client', 'api', 'base'],
  cli: ['server', 'agent', 'cri', 'cni', 'client', 'api', 'base'],
};
/** Parts of the server that reach the cluster through the client only. */
const VIA_CLIENT = ['controllers', 'scheduler'];
const SERVER_PRIVATE = ['store', 'registry', 'http'];
const MAX_FILE_LINES = 500;
const MAX_FUNCTION_LINES = 80;
const MAX_IMPORTS = 12;
/** Layers of plain values and mechanisms; what is imported from them says little about how much a file knows. */
const VOCABULARY = /^(base|api)\//;
/** Files whose work is to put parts together: they may import more, up to the number beside the reason. */
const WIRING: readonly (readonly [file: RegExp, max: number])[] = [
  [/^cli\/(wire-|commands\/)/, 25], // The object graph and the commands.
  [/^server\/(controllers\/list|scheduler\/profile|admission\/chain)\.ts$/, 60], // One line for each controller or plugin.
  [/^server\/(http\/api-server|registry\/pipeline)\.ts$/, 20], // The parts of a request's way.
  [/^agent\/kubelet\/(kubelet|pod-steps)\.ts$/, 20], // The parts of the kubelet; one for each step of a pod.
];
/** Files whose exports are rows of one table, so that the head comment speaks for all of them. */
const ROWS = /^(client\/resources\.ts|api\/defaults\/[a-z]+\.ts)$/;

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { target: string; typeOnly: boolean }[];
}

function readSource(path: string): Source {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']+)'/gm)].map((match) => ({
    target: resolve(dirname(path), match[2] ?? ''),
    typeOnly: match[1] !== undefined,
  }));
  return { path, text, imports };
}

const sources = globSync('**/*.ts', { cwd: SRC }).map((file) => readSource(join(SRC, file)));
const own = sources.filter(({ path }) => !path.endsWith('.gen.ts'));
const short = (path: string): string => relative(SRC, path);
const isTable = (path: string): boolean => /\/schema\//.test(path);

test('imports point along the layers', () => {
  const wrong = own.flatMap(({ path, imports }) => {
    const [layer = '', part = ''] = short(path).split('/');
    const allowed = LAYERS[layer];
    if (!allowed) return [];
    return imports.flatMap(({ target }) => {
      const [toLayer = '', toPart = ''] = short(target).split('/');
      const crosses = toLayer !== layer && !allowed.includes(toLayer);
      const reachesIn = layer === 'server' && toLayer === 'server' && VIA_CLIENT.includes(part) && SERVER_PRIVATE.includes(toPart);
      const store =
        toLayer === 'server' &&
        toPart === 'store' &&
        layer === 'server' &&
        !['store', 'registry'].includes(part) &&
        short(path) !== 'server/http/api-server.ts';
      return crosses || reachesIn || store ? [`${short(path)} -> ${short(target)}`] : [];
    });
  });
  assert.deepEqual(wrong, []);
});

test('imports name files that exist', () => {
  const missing = sources.flatMap(({ path, imports }) =>
    imports.filter(({ target }) => !existsSync(target)).map(({ target }) => `${short(path)} -> ${short(target)}`),
  );
  assert.deepEqual(missing, []);
});

test('value imports have no cycle', () => {
  const graph = new Map(sources.map(({ path, imports }) => [path, imports.filter((i) => !i.typeOnly).map((i) => i.target)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].map(short).join(' -> '));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  assert.deepEqual(cycles, []);
});

test('files are kebab-case nouns', () => {
  const wrong = own.filter(
    ({ path }) =>
      !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?\.ts$/.test(basename(path)) ||
      /(^|\/)(utils?|helpers?|common|misc|index)(\/|\.ts$)/.test(short(path)),
  );
  assert.deepEqual(
    wrong.map(({ path }) => short(path)),
    [],
  );
});

test(`files have at most ${MAX_FILE_LINES} lines`, () => {
  const long = own.filter(({ path, text }) => !isTable(path) && text.split('\n').length > MAX_FILE_LINES);
  assert.deepEqual(
    long.map(({ path, text }) => `${short(path)}: ${text.split('\n').length}`),
    [],
  );
});

test(`files import at most ${MAX_IMPORTS} parts, wiring aside`, () => {
  const wrong = own.flatMap(({ path, imports }) => {
    const max = WIRING.find(([file]) => file.test(short(path)))?.[1] ?? MAX_IMPORTS;
    const count = imports.filter(({ target, typeOnly }) => !typeOnly && !VOCABULARY.test(short(target))).length;
    return count > max && !isTable(path) ? [`${short(path)}: ${count}`] : [];
  });
  assert.deepEqual(wrong, []);
});

test('a package is named by one file', () => {
  const users = new Map<string, string[]>();
  for (const { path, text } of own) {
    const names = [...text.matchAll(/(?:\bfrom |\bimport\(|\brequire\()'([^.'][^']*)'/g)].map((match) => match[1] ?? '');
    for (const name of new Set(names)) if (!name.startsWith('node:')) users.set(name, [...(users.get(name) ?? []), short(path)]);
  }
  assert.ok(users.size > 0);
  const wrong = [...users].filter(([, files]) => files.length > 1);
  assert.deepEqual(wrong, []);
});

test(`functions have at most ${MAX_FUNCTION_LINES} lines`, () => {
  // The formatter puts a function's closing brace at the indent of the line that opens it.
  const opens =
    /^(\s*)(?:export )?(?:(?:async )?function\b|(?:(?:public|private|static|async|override|get|set) )*[#\w]+\([^;]*\{$|const \w+ = (?:async )?\(?[^;]*=> \{$)/;
  const long = own.flatMap(({ path, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, start) => {
      const match = opens.exec(line);
      if (!match || !line.trimEnd().endsWith('{') || /^\s*(if|for|while|switch|return|else|do|try)\b/.test(line)) return [];
      const end = lines.findIndex((other, at) => at > start && other.startsWith(`${match[1]}}`) && !other.startsWith(`${match[1]} `));
      return end - start + 1 > MAX_FUNCTION_LINES ? [`${short(path)}:${start + 1}: ${end - start + 1}`] : [];
    });
  });
  assert.deepEqual(long, []);
});

test('every file begins with a comment that says its place', () => {
  const bare = own.filter(({ text }) => !/^(#!.*\n)?(\/\/|\/\*)/.test(text));
  assert.deepEqual(
    bare.map(({ path }) => short(path)),
    [],
  );
});

test('every export says what it is', () => {
  const bare = own.flatMap(({ path, text }) => {
    if (ROWS.test(short(path))) return [];
    const lines = text.split('\n');
    return lines.flatMap((line, at) => {
      const name = /^export (?:declare |abstract |async )*(?:function\*?|const|class|interface|type) (\w+)/.exec(line)?.[1];
      return name === undefined || lines[at - 1]?.trimEnd().endsWith('*/') ? [] : [`${short(path)}:${at + 1}: ${name}`];
    });
  });
  assert.deepEqual(bare, []);
});

const OUTSIDE_BASE: readonly { rule: string; pattern: RegExp; allowed: RegExp }[] = [
  {
    rule: 'time comes from base/clock.ts',
    pattern: /(?<![\w.])(setTimeout|setInterval|setImmediate)\(|\bDate\.now\(|new Date\(\)|\bperformance\.now\(/,
    allowed: /^(base\/|boot\.ts)/,
  },
  { rule: 'randomness does not come from Math', pattern: /\bMath\.random\(/, allowed: /^base\// },
  {
    rule: 'the environment is read by cli',
    pattern: /\bprocess\.env\b/,
    allowed: /^(base\/exec\.ts|base\/child\.ts|cli\/|main\.ts|boot\.ts)/,
  },
  { rule: 'programs are run by base', pattern: /from 'node:child_process'/, allowed: /^base\// },
  { rule: 'SQLite stays in the journal', pattern: /'better-sqlite3'/, allowed: /^server\/store\// },
  { rule: 'no bare Error is thrown', pattern: /throw new Error\(/, allowed: /^$/ },
  {
    rule: 'no type check is turned off',
    pattern: /@ts-(ignore|expect-error|nocheck)|\bas any\s*[;,.)\]]|biome-ignore lint/,
    allowed: /^$/,
  },
  { rule: 'no message text is matched', pattern: /\.message\.(includes|match|startsWith)\(/, allowed: /^$/ },
];

for (const { rule, pattern, allowed } of OUTSIDE_BASE) {
  test(rule, () => {
    const wrong = own.flatMap(({ path, text }) =>
      allowed.test(short(path))
        ? []
        : text.split('\n').flatMap((line, at) => (pattern.test(line) && !/^\s*(\/\/|\*)/.test(line) ? [`${short(path)}:${at + 1}`] : [])),
    );
    assert.deepEqual(wrong, []);
  });
}

test('log messages are constant', () => {
  const wrong = own.filter(({ text }) => /\blog(ger)?\.(debug|info|warn|error)\(\s*[^'\s]/.test(text));
  assert.deepEqual(
    wrong.map(({ path }) => short(path)),
    [],
  );
});

test('the layer table of ARCHITECTURE.md is the one enforced here', () => {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  for (const [layer, allowed] of Object.entries(LAYERS)) {
    assert.match(text, new RegExp(`\\| ${layer} \\| ${allowed.length ? allowed.join(', ') : 'nothing'} \\|`), layer);
  }
});
