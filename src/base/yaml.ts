// YAML, read and written by the yaml package (only this file names it), which is loaded when first used.

import { KtsError, messageOf } from './errors.ts';

/** Most anchors that a document may expand to, against documents that grow without end. */
const MAX_ALIASES = 100;

/**
 * Reads one document.
 * @param dialect `1.1` reads as Kubernetes' own tools do (`yes` is a boolean), `1.2` as people expect today
 * @throws KtsError `yaml` with one line that says what is wrong and where
 */
export async function parseYaml(text: string, dialect: '1.1' | '1.2' = '1.2'): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text, { maxAliasCount: MAX_ALIASES, schema: dialect === '1.1' ? 'yaml-1.1' : 'core' }) as unknown;
  } catch (error) {
    const [first = ''] = messageOf(error).split('\n');
    throw new KtsError('yaml', first.replace(/:$/, ''), { cause: error });
  }
}

/** Writes one document that readers of 1.1 understand too; lines are not folded, and what occurs twice is written twice. */
export async function formatYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
