// /scale of custom resources: replicas and selector stand where the definition says.

import { builtinType } from '../../api/builtin-type.ts';
import { goText } from '../../api/codec/go-text.ts';
import { isObject } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { type FieldError, internalError, invalid } from '../../api/status-error.ts';
import type { CustomResourceSubresourceScale } from '../../api/types/apiextensions-v1.gen.ts';
import type * as autoscaling from '../../api/types/autoscaling-v1.gen.ts';
import { invalidValue } from '../../api/validation/field-error.ts';
import type { MappedView } from '../registry/subresource.ts';

const MAX_REPLICAS = 2_147_483_647;

/** `.spec.replicas` as its steps. */
const stepsOf = (path: string): string[] => path.replace(/^\./, '').split('.');

function valueAt(object: object, path: string): unknown {
  let value: unknown = object;
  for (const step of stepsOf(path)) value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return value;
}

/** `value` at the path, and nothing else. */
function objectWith(path: string, value: unknown): Record<string, unknown> {
  return stepsOf(path).reduceRight<unknown>((inner, step) => ({ [step]: inner }), value) as Record<string, unknown>; // a path has a step
}

/** The view of a custom resource. */
export function customScaleView(scale: CustomResourceSubresourceScale): MappedView {
  return {
    type: 'mapped',
    kind: builtinType({ group: 'autoscaling', version: 'v1', kind: 'Scale' }),
    read: (object) => scaleOf(object, scale),
    write(object, view) {
      const replicas = (view as autoscaling.Scale).spec?.replicas ?? 0; // decoded as a Scale
      if (replicas < 0) {
        throw invalid({ group: 'autoscaling', resource: 'Scale' }, object.metadata.name ?? '', [
          invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
        ]);
      }
      setAt(object, stepsOf(scale.specReplicasPath), replicas);
    },
    configuration: (spec) => (isObject(spec) && spec['replicas'] !== undefined ? objectWith(scale.specReplicasPath, spec['replicas']) : {}),
  };
}

/** Sets a value of a draft, of which the parts on the way may be missing. */
function setAt(object: object, [step = '', ...rest]: readonly string[], value: number): void {
  if (rest.length === 0) {
    Reflect.set(object, step, value);
    return;
  }
  const inner: unknown = Reflect.get(object, step);
  const part = isObject(inner) ? inner : {};
  Reflect.set(object, step, part);
  setAt(part, rest, value);
}

function scaleOf(object: KubeObject, scale: CustomResourceSubresourceScale): autoscaling.Scale {
  const { name = '', namespace = '', uid = '', resourceVersion = '', creationTimestamp = '' } = object.metadata;
  const replicas = valueAt(object, scale.specReplicasPath);
  if (replicas === undefined) throw internalError(`the spec replicas field ${JSON.stringify(scale.specReplicasPath)} does not exist`);
  const current = valueAt(object, scale.statusReplicasPath);
  const selector = scale.labelSelectorPath ? valueAt(object, scale.labelSelectorPath) : undefined;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { ...(typeof replicas === 'number' && replicas !== 0 && { replicas }) },
    status: {
      replicas: typeof current === 'number' ? current : 0,
      ...(typeof selector === 'string' && selector !== '' && { selector }),
    },
  };
}

/** The faults of what stands at the paths of a scale. */
export function scaleFaults(object: KubeObject, scale: CustomResourceSubresourceScale | undefined): FieldError[] {
  if (!scale) return [];
  return [
    ...countFaults(object, scale.specReplicasPath),
    ...countFaults(object, scale.statusReplicasPath),
    ...selectorFaults(object, scale),
  ];
}

/** That a value is not of its type, which upstream tells in Go's words, with the zero of the type as the value. */
function accessorFault(path: string, value: unknown, expected: string): string {
  return `${path} accessor error: ${goText(value)} is of the type ${goTypeOf(value)}, expected ${expected}`;
}

function goTypeOf(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return { object: 'map[string]interface {}', boolean: 'bool' }[typeof value as string] ?? 'string';
}

function countFaults(object: KubeObject, path: string): FieldError[] {
  const value = valueAt(object, path);
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [invalidValue(path, 0, accessorFault(path, value, 'int64'))];
  }
  if (value < 0) return [invalidValue(path, value, 'should be a non-negative integer')];
  return value > MAX_REPLICAS ? [invalidValue(path, value, `should be less than or equal to ${MAX_REPLICAS}`)] : [];
}

function selectorFaults(object: KubeObject, { labelSelectorPath }: CustomResourceSubresourceScale): FieldError[] {
  const value = labelSelectorPath ? valueAt(object, labelSelectorPath) : undefined;
  if (value === undefined || typeof value === 'string') return [];
  return [invalidValue(labelSelectorPath ?? '', '', accessorFault(labelSelectorPath ?? '', value, 'string'))];
}
