// What is to be written so that the cluster has upstream's FlowSchemas and PriorityLevelConfigurations, and conditions that are true. Pure.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#maintenance-of-the-mandatory-and-suggested-configuration-objects

import { deepEqual } from '../../../api/copy.ts';
import {
  AUTO_UPDATE_ANNOTATION,
  EXEMPT,
  type FlowControlObjects,
  MANDATORY_FLOW_CONTROL,
  SUGGESTED_FLOW_CONTROL,
} from '../../../api/flow-control-objects.ts';
import type { FlowSchema, FlowSchemaCondition, PriorityLevelConfiguration } from '../../../api/types/flowcontrol-v1.gen.ts';

type FlowObject = FlowSchema | PriorityLevelConfiguration;

/** One write. */
export interface FlowStep<T extends FlowObject> {
  readonly action: 'create' | 'update' | 'delete';
  readonly object: T;
}

/** The writes that bring what was found to what there should be. */
export function flowConfigPlan(found: FlowControlObjects): {
  readonly schemas: FlowStep<FlowSchema>[];
  readonly levels: FlowStep<PriorityLevelConfiguration>[];
} {
  return {
    schemas: steps(found.schemas, MANDATORY_FLOW_CONTROL.schemas, SUGGESTED_FLOW_CONTROL.schemas),
    levels: steps(found.levels, MANDATORY_FLOW_CONTROL.levels, SUGGESTED_FLOW_CONTROL.levels),
  };
}

const nameOf = (object: FlowObject): string => object.metadata.name ?? '';

function steps<T extends FlowObject>(found: readonly T[], mandatory: readonly T[], suggested: readonly T[]): FlowStep<T>[] {
  const byName = new Map(found.map((object) => [nameOf(object), object]));
  const wanted = new Set([...mandatory, ...suggested].map(nameOf));
  return [
    ...mandatory.flatMap((object) => ensured(object, byName.get(nameOf(object)), () => true)),
    ...suggested.flatMap((object) => ensured(object, byName.get(nameOf(object)), isAutoUpdated)),
    // What an older version made and this one no longer knows.
    ...found
      .filter((object) => !wanted.has(nameOf(object)) && object.metadata.annotations?.[AUTO_UPDATE_ANNOTATION] === 'true')
      .map((object): FlowStep<T> => ({ action: 'delete', object })),
  ];
}

/** Whether the server keeps the spec of a suggested object: as its annotation says, else as long as nobody has changed it. */
function isAutoUpdated({ metadata }: FlowObject): boolean {
  const said = metadata.annotations?.[AUTO_UPDATE_ANNOTATION];
  return said === 'true' || (said !== 'false' && metadata.generation === 1);
}

function ensured<T extends FlowObject>(wanted: T, found: T | undefined, autoUpdated: (found: T) => boolean): FlowStep<T>[] {
  if (!found) return [{ action: 'create', object: wanted }];
  const auto = autoUpdated(found);
  const annotations = { ...found.metadata.annotations, [AUTO_UPDATE_ANNOTATION]: String(auto) };
  const spec = auto ? specOf(wanted, found) : found.spec;
  if (deepEqual(annotations, found.metadata.annotations) && deepEqual(spec, found.spec)) return [];
  return [{ action: 'update', object: { ...found, metadata: { ...found.metadata, annotations }, spec } }];
}

/** The wanted spec; of the exempt level, what it lends is the administrator's. */
function specOf<T extends FlowObject>(wanted: T, found: T): T['spec'] {
  if (nameOf(wanted) !== EXEMPT || !('exempt' in wanted.spec) || !('exempt' in found.spec)) return wanted.spec;
  return { ...wanted.spec, exempt: found.spec.exempt };
}

/** The condition `Dangling` that a schema should have; undefined when it has it. */
export function danglingCondition(
  schema: FlowSchema,
  levels: readonly PriorityLevelConfiguration[],
): Omit<FlowSchemaCondition, 'lastTransitionTime'> | undefined {
  const { name } = schema.spec.priorityLevelConfiguration;
  const intro = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
  const condition = levels.some((level) => nameOf(level) === name)
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${intro} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${intro} but there is no such object` };
  const present = schema.status?.conditions?.find(({ type }) => type === 'Dangling');
  return present?.status === condition.status && present.message === condition.message ? undefined : condition;
}
