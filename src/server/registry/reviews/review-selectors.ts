// Selectors of a review's resource attributes as authorizers take them: text, with what cannot be understood left out. Pure.
// Leaving out a condition asks for more, so it never lets a review allow what it should not.

import { parseFieldSelector } from '../../../api/fields.ts';
import { formatRequirements, type LabelOperator, type LabelRequirement, parseLabelSelector } from '../../../api/labels.ts';
import { StatusError } from '../../../api/status-error.ts';
import type { ResourceAttributes } from '../../../api/types/authorization-v1.gen.ts';

/** The selectors, and what is to be said of those that were not understood. */
export interface ReviewSelectors {
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  readonly faults: readonly string[];
}

/** One selector as text; `skipped` = not all of it. */
interface Understood {
  readonly text: string;
  readonly skipped: boolean;
}

/** Reads both. */
export function reviewSelectors({ fieldSelector, labelSelector }: ResourceAttributes): ReviewSelectors {
  const field = fieldSelector && understand(fieldSelector, parseFieldSelector, (items) => fieldText(items));
  const label = labelSelector && understand(labelSelector, parseLabelSelector, (items) => labelText(items));
  return {
    ...(field?.text && { fieldSelector: field.text }),
    ...(label?.text && { labelSelector: label.text }),
    faults: [...faultOf('fieldSelector', field), ...faultOf('labelSelector', label)],
  };
}

function faultOf(name: string, selector: Understood | undefined): string[] {
  if (!selector?.skipped) return [];
  return [`spec.resourceAttributes.${name} ${selector.text === '' ? '' : 'partially '}ignored due to parse error`];
}

function understand<T>(
  { rawSelector, requirements }: { readonly rawSelector?: string; readonly requirements?: readonly T[] },
  parse: (text: string) => unknown,
  textOf: (items: readonly T[]) => string[],
): Understood {
  if (requirements?.length) {
    const texts = textOf(requirements);
    return { text: texts.join(','), skipped: texts.length < requirements.length };
  }
  try {
    parse(rawSelector ?? '');
    return { text: rawSelector ?? '', skipped: false };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { text: '', skipped: true };
  }
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Field selectors know equality alone. */
function fieldText(items: readonly Requirement[]): string[] {
  return items.flatMap(({ key, operator, values = [] }) => {
    const [value = ''] = values;
    if (values.length !== 1 || (operator !== 'In' && operator !== 'NotIn')) return [];
    return [`${key}${operator === 'In' ? '=' : '!='}${value.replaceAll(/[\\,=]/g, '\\$&')}`];
  });
}

const LABEL_OPERATORS: Readonly<Record<string, LabelOperator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

function labelText(items: readonly Requirement[]): string[] {
  return items.flatMap(({ key, operator: name, values = [] }) => {
    const operator = LABEL_OPERATORS[name];
    const requirement: LabelRequirement | undefined = operator && { key, operator, values };
    return requirement ? [formatRequirements([requirement])] : [];
  });
}
