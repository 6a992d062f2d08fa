// Booleans of a request's query, as every server of the API reads them.

/** Whether a boolean parameter is on: present without a value is true; `false` (in any case) and `0` are false, as upstream's query conversion has it. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}
