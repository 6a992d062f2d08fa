import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { caBundleFault } from '../../../../src/api/validation/ca-bundle.ts';
import { TEST_CA } from '../../../support/test-certificates.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const block = (type: string, body: string): string => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`;
const root = (why: string): string => `unable to load root certificates: ${why}`;
const BODY = TEST_CA.split('\n').slice(1, -2).join('\n');

describe('caBundleFault', () => {
  const cases: readonly [what: string, pem: string, fault: string | undefined][] = [
    ['nothing', '', undefined],
    ['a certificate', TEST_CA, undefined],
    ['a certificate without a last line break, after a comment', `# CA\n${TEST_CA.trimEnd()}`, undefined],
    ['a certificate with lines as Windows ends them', TEST_CA.replaceAll('\n', '\r\n'), undefined],
    ['a certificate beside a broken one', block('CERTIFICATE', 'AAAA') + TEST_CA, undefined],
    ['a placeholder', '\n', root('unable to parse bytes as PEM block')],
    ['text', 'hello', root('unable to parse bytes as PEM block')],
    ['a block that does not end', TEST_CA.slice(0, -10), root('unable to parse bytes as PEM block')],
    ['a broken certificate', block('CERTIFICATE', 'AAAA'), root('failed to parse certificate: x509: malformed certificate')],
    ['a certificate under another name', block('PUBLIC KEY', BODY), root('no valid certificate authority data seen')],
    ['a certificate with headers', block('CERTIFICATE', `a: b\n\n${BODY}`), root('no valid certificate authority data seen')],
    ['another block and text', `${block('PUBLIC KEY', BODY)}more`, root('unable to parse bytes as PEM block')],
  ];
  for (const [what, pem, fault] of cases) it(`judges ${what}`, () => assert.equal(caBundleFault(base64(pem)), fault));
});
