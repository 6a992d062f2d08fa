// Tokens given by flag or by file.

import { existsSync, readFileSync } from 'node:fs';
import { KtsError } from '../base/errors.ts';

/** The token itself, else the content of the file; undefined without both. @throws KtsError `usage` when the file is missing or empty */
export function readToken(token: string | undefined, file: string | undefined): string | undefined {
  if (token !== undefined || file === undefined) return token;
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (text === '') throw new KtsError('usage', `the token file ${file} is missing or empty`);
  return text;
}
