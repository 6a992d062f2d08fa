// Upstream's /debug/api_priority_and_fairness/: the levels and their queues as text.

import type { Route } from '../routes.ts';
import type { FlowControl } from './flow-control.ts';

const TYPE = { 'content-type': 'text/plain; charset=utf-8' };

/** The routes. */
export function flowDumpRoutes(flowControl: Pick<FlowControl, 'levels'>): Route[] {
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
