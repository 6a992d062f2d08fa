// Names the server makes: metadata.generateName plus a short suffix (Kubernetes API conventions, "Idempotency").

/** No vowels, and none of 0, 1, 3: nothing that reads as a word or is mistaken for a letter. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
/** A generated name fits a DNS label. */
const MAX_LENGTH = 63;

/** A random suffix. `randomInt(max)` yields an integer from 0 to below `max`. */
export function nameSuffix(randomInt: (max: number) => number, length = SUFFIX_LENGTH): string {
  let out = '';
  for (let i = 0; i < length; i++) out += ALPHABET[randomInt(ALPHABET.length)];
  return out;
}

/** `base` (cut so that the whole has at most 63 characters) plus a random suffix of 5 characters. */
export function generatedName(base: string, randomInt: (max: number) => number): string {
  return base.slice(0, MAX_LENGTH - SUFFIX_LENGTH) + nameSuffix(randomInt);
}
