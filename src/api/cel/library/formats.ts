// Named formats in CEL: `format.dns1123Label().validate(text)`. Rules: "Kubernetes CEL libraries", "Kubernetes format library".

import { dns1035Label, dnsLabel, dnsSubdomain, labelValue, qualifiedName, type StringCheck } from '../../validation/object-meta.ts';
import { type CelType, listOf, opaque, STRING } from '../cel-type.ts';
import { VALIDATE } from '../cost/cost-models.ts';
import { FORMAT_TYPE } from '../opaque-types.ts';
import { fn, method, type Overload, opaqueParam, P } from '../overload.ts';
import { parseTimestamp } from '../time-text.ts';
import { ArrayList, CelOpaque, CelOptional } from '../values.ts';

/** A format. */
class FormatValue extends CelOpaque {
  readonly typeName = FORMAT_TYPE;
  readonly name: string;
  readonly check: StringCheck;
  constructor(name: string, check: StringCheck) {
    super();
    this.name = name;
    this.check = check;
  }
  equals(other: CelOpaque): boolean {
    return other instanceof FormatValue && this.name === other.name;
  }
}

/** A name that may end in a dash, since generateName adds to it. */
const prefixOf =
  (check: StringCheck): StringCheck =>
  (value) =>
    check(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -1)}a` : value);

const matching =
  (test: (value: string) => boolean, text: string): StringCheck =>
  (value) =>
    test(value) ? [] : [text];

const isUri = (value: string): boolean => URL.canParse(value) || value.startsWith('/');
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

const FORMATS: readonly (readonly [string, StringCheck])[] = [
  ['dns1123Label', dnsLabel],
  ['dns1123Subdomain', dnsSubdomain],
  ['dns1035Label', dns1035Label],
  ['qualifiedName', qualifiedName],
  ['dns1123LabelPrefix', prefixOf(dnsLabel)],
  ['dns1123SubdomainPrefix', prefixOf(dnsSubdomain)],
  ['dns1035LabelPrefix', prefixOf(dns1035Label)],
  ['labelValue', labelValue],
  ['uri', matching(isUri, 'must be a valid URI')],
  ['uuid', matching((value) => UUID.test(value), 'does not match the UUID format')],
  ['byte', matching((value) => BASE64.test(value), 'invalid base64')],
  ['date', matching((value) => DATE.test(value) && parseTimestamp(value) !== undefined, 'invalid date')],
  ['datetime', matching((value) => !DATE.test(value) && parseTimestamp(value) !== undefined, 'invalid datetime')],
];

function validate({ check }: FormatValue, text: string): CelOptional {
  const faults = check(text);
  return new CelOptional(faults.length === 0 ? undefined : new ArrayList(faults));
}

/** The functions of formats. */
export function formatLibrary(): readonly Overload[] {
  const format = opaque(FORMAT_TYPE);
  const optional = (of: CelType): CelType => ({ kind: 'optional', of });
  const values = new Map(FORMATS.map(([name, check]) => [name, new FormatValue(name, check)]));
  return [
    ...Array.from(values, ([name, value]) => fn(`format.${name}`, { params: [], result: format }, () => value)),
    fn('format.named', { params: [P.string], result: optional(format) }, (name) => new CelOptional(values.get(name))),
    method(
      'validate',
      { params: [opaqueParam<FormatValue>(FORMAT_TYPE), P.string], result: optional(listOf(STRING)), cost: VALIDATE },
      validate,
    ),
  ];
}
