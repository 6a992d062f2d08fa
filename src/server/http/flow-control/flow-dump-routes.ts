// Upstream's /debug/api_priority_and_fairness/: the levels, their queues and their requests as text.

import type { Route } from '../routes.ts';
import type { FlowControl, LiveRequest } from './flow-control.ts';
import { distinguisherOf } from './flow-matching.ts';

const TYPE = { 'content-type': 'text/plain; charset=utf-8' };

/** The routes. */
export function flowDumpRoutes(flowControl: Pick<FlowControl, 'levels' | 'requests'>): Route[] {
  return [
    {
      path: '/debug/api_priority_and_fairness/dump_priority_levels',
      listed: false,
      handle: (exchange) => exchange.send(200, TYPE, levelsText(flowControl.levels())),
    },
    {
      path: '/debug/api_priority_and_fairness/dump_queues',
      listed: false,
      handle: (exchange) => exchange.send(200, TYPE, queuesText(flowControl.levels())),
    },
    {
      path: '/debug/api_priority_and_fairness/dump_requests',
      listed: false,
      handle: (exchange) =>
        exchange.send(200, TYPE, requestsText(flowControl.requests(), Boolean(exchange.query.get('includeRequestDetails')))),
    },
  ];
}

type Levels = ReturnType<FlowControl['levels']>;

function levelsText(levels: Levels): string {
  const rows = levels.map(({ name, exempt, limits, running, waiting, lengths }) =>
    [name, lengths.length, running + waiting === 0, false, waiting, running, limits.nominal, limits.lower, limits.upper, exempt].join(', '),
  );
  const head =
    'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, NominalSeats, LowerSeats, UpperSeats, IsExempt';
  return `${[head, ...rows].join('\n')}\n`;
}

function queuesText(levels: Levels): string {
  const rows = levels.flatMap(({ name, lengths }) => lengths.map(({ waiting, running }, at) => [name, at, waiting, running].join(', ')));
  return `${['PriorityLevelName, Index, PendingRequests, ExecutingRequests', ...rows].join('\n')}\n`;
}

const REQUEST_COLUMNS =
  'PriorityLevelName, FlowSchemaName, QueueIndex, RequestIndexInQueue, FlowDistingsher, ArriveTime, InitialSeats, FinalSeats, AdditionalLatency, StartTime';
const DETAIL_COLUMNS = 'UserName, Verb, APIPath, Namespace, Name, APIVersion, Resource, SubResource';
/** What stands for no time. */
const NO_TIME = '0001-01-01T00:00:00Z';

/** The requests that run or wait, in the columns of upstream (its spelling too), with those of what they ask for when `details`. */
export function requestsText(requests: readonly LiveRequest[], details: boolean): string {
  const rows = requests.map((live) => [...requestColumns(live), ...(details ? detailColumns(live) : [])].join(', '));
  return `${[details ? `${REQUEST_COLUMNS}, ${DETAIL_COLUMNS}` : REQUEST_COLUMNS, ...rows].join('\n')}\n`;
}

function requestColumns({ level, schema, request, queue, place, width, arrivedAt, startedAt }: LiveRequest): (string | number)[] {
  const started = startedAt === undefined ? NO_TIME : new Date(startedAt).toISOString();
  const names = [level.name, schema.metadata.name ?? ''];
  return [...names, queue, place, distinguisherOf(schema, request), new Date(arrivedAt).toISOString(), width, 0, '0s', started];
}

function detailColumns({ request: { user, info } }: LiveRequest): string[] {
  const version = info.group === '' ? info.version : `${info.group}/${info.version}`;
  return [user.name, info.verb, info.path, info.namespace, info.name, version, info.resource, info.subresource];
}
