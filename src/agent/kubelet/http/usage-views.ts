// Resource use in the forms that clients read: /stats/summary (kubelet stats v1alpha1) and the Prometheus texts of /metrics/resource
// (KEP-727) and /metrics/cadvisor. Pure.

import type { Pod } from '../../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../../base/clock.ts';
import type { ContainerUsage, UsageSample } from './usage-sampler.ts';

const cpuView = (timeMs: number, nanoCores: number | undefined, nanoSeconds: number) => ({
  time: rfc3339(timeMs),
  ...(nanoCores !== undefined && { usageNanoCores: nanoCores }),
  usageCoreNanoSeconds: nanoSeconds,
});

const sum = (usages: readonly ContainerUsage[], of: (usage: ContainerUsage) => number): number =>
  usages.reduce((total, usage) => total + of(usage), 0);

/** The body of /stats/summary. */
export function statsSummary(sample: UsageSample, pods: readonly Pod[], nodeName: string): object {
  const { node, nodeCpuNanoCores } = sample;
  const fs = { time: rfc3339(node.timeMs), ...node.fs, inodesUsed: node.fs.inodes - node.fs.inodesFree };
  return {
    node: {
      nodeName,
      cpu: cpuView(node.timeMs, nodeCpuNanoCores, node.cpuNanoSeconds),
      memory: {
        time: rfc3339(node.timeMs),
        availableBytes: node.memoryTotalBytes - node.workingSetBytes,
        usageBytes: node.memoryTotalBytes - node.memoryAvailableBytes,
        workingSetBytes: node.workingSetBytes,
        rssBytes: node.rssBytes,
      },
      fs,
      runtime: { imageFs: fs },
    },
    pods: pods.flatMap(
      (pod) =>
        podSummary(
          pod,
          newestRuns(sample).filter((usage) => usage.podUid === pod.metadata.uid),
        ) ?? [],
    ),
  };
}

function podSummary(pod: Pod, usages: readonly ContainerUsage[]): object | undefined {
  const first = usages[0];
  if (!first) return undefined;
  const rates = usages.map((usage) => usage.cpuNanoCores);
  const nanoCores = rates.every((one) => one !== undefined) ? sum(usages, (usage) => usage.cpuNanoCores ?? 0) : undefined;
  return {
    podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
    startTime: pod.status?.startTime ?? null,
    containers: usages.map((usage) => containerSummary(usage, pod)),
    cpu: cpuView(
      first.timeMs,
      nanoCores,
      sum(usages, (usage) => usage.cpuNanoSeconds),
    ),
    memory: {
      time: rfc3339(first.timeMs),
      usageBytes: sum(usages, (usage) => usage.usageBytes),
      workingSetBytes: sum(usages, (usage) => usage.workingSetBytes),
      rssBytes: sum(usages, (usage) => usage.rssBytes),
    },
  };
}

function containerSummary(usage: ContainerUsage, pod: Pod): object {
  const time = rfc3339(usage.timeMs);
  return {
    name: usage.container,
    startTime: startOf(usage, pod) ?? null,
    cpu: cpuView(usage.timeMs, usage.cpuNanoCores, usage.cpuNanoSeconds),
    memory: { time, usageBytes: usage.usageBytes, workingSetBytes: usage.workingSetBytes, rssBytes: usage.rssBytes },
    ...(usage.writableBytes !== undefined && { rootfs: { time, usedBytes: usage.writableBytes, inodesUsed: usage.writableInodes ?? 0 } }),
  };
}

function startOf(usage: ContainerUsage, pod: Pod): string | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === usage.container)?.state?.running?.startedAt;
}

/** Per container the run with the most restarts before it: the runtime may still have stopped ones. */
function newestRuns(sample: UsageSample): readonly ContainerUsage[] {
  const newest = new Map<string, ContainerUsage>();
  for (const usage of sample.containers) {
    const key = `${usage.podUid}/${usage.container}`;
    const other = newest.get(key);
    if (!other || other.restarts < usage.restarts) newest.set(key, usage);
  }
  return [...newest.values()];
}

/** One family of a Prometheus text. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly lines: readonly (readonly [labels: Readonly<Record<string, string>>, value: number, timeMs?: number])[];
}

const labelText = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** The Prometheus text format 0.0.4. */
export function prometheusText(families: readonly Family[]): string {
  return families
    .map(({ name, help, type, lines }) => {
      const samples = lines.map(([labels, value, timeMs]) => {
        const pairs = Object.entries(labels).map(([key, text]) => `${key}="${labelText(text)}"`);
        return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}${timeMs === undefined ? '' : ` ${timeMs}`}\n`;
      });
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('')}`;
    })
    .join('');
}

const seconds = (nanoSeconds: number): number => nanoSeconds / 1e9;

/** The body of /metrics/resource: what metrics-server reads. */
export function resourceMetrics(sample: UsageSample, pods: readonly Pod[]): string {
  const known = new Map(pods.map((pod) => [pod.metadata.uid ?? '', pod]));
  const usages = newestRuns(sample).filter((usage) => known.has(usage.podUid));
  const byPod = Map.groupBy(usages, (usage) => usage.podUid);
  const { node } = sample;
  const own = (usage: ContainerUsage) => ({ container: usage.container, namespace: usage.namespace, pod: usage.podName });
  const podLine = (of: (usage: ContainerUsage) => number): Family['lines'] =>
    [...byPod.values()].flatMap((group) => {
      const [first] = group;
      return first ? [[{ namespace: first.namespace, pod: first.podName }, sum(group, of), first.timeMs] as const] : [];
    });
  const started = usages.flatMap((usage) => {
    const pod = known.get(usage.podUid);
    const start = pod && startOf(usage, pod);
    return start ? [[own(usage), Date.parse(start) / 1000] as const] : [];
  });
  return prometheusText([
    {
      name: 'container_cpu_usage_seconds_total',
      help: 'Cumulative cpu time consumed by the container in core-seconds',
      type: 'counter',
      lines: usages.map((u) => [own(u), seconds(u.cpuNanoSeconds), u.timeMs] as const),
    },
    {
      name: 'container_memory_working_set_bytes',
      help: 'Current working set of the container in bytes',
      type: 'gauge',
      lines: usages.map((u) => [own(u), u.workingSetBytes, u.timeMs] as const),
    },
    {
      name: 'container_start_time_seconds',
      help: 'Start time of the container since unix epoch in seconds',
      type: 'gauge',
      lines: started,
    },
    {
      name: 'node_cpu_usage_seconds_total',
      help: 'Cumulative cpu time consumed by the node in core-seconds',
      type: 'counter',
      lines: [[{}, seconds(node.cpuNanoSeconds), node.timeMs]],
    },
    {
      name: 'node_memory_working_set_bytes',
      help: 'Current working set of the node in bytes',
      type: 'gauge',
      lines: [[{}, node.workingSetBytes, node.timeMs]],
    },
    {
      name: 'pod_cpu_usage_seconds_total',
      help: 'Cumulative cpu time consumed by the pod in core-seconds',
      type: 'counter',
      lines: podLine((u) => seconds(u.cpuNanoSeconds)),
    },
    {
      name: 'pod_memory_working_set_bytes',
      help: 'Current working set of the pod in bytes',
      type: 'gauge',
      lines: podLine((u) => u.workingSetBytes),
    },
    {
      name: 'resource_scrape_error',
      help: '1 if there was an error while getting container metrics, 0 otherwise',
      type: 'gauge',
      lines: [[{}, 0]],
    },
  ]);
}

/** The body of /metrics/cadvisor: the families dashboards use most, with cAdvisor's labels. */
export function cadvisorMetrics(sample: UsageSample): string {
  const line = (of: (usage: ContainerUsage) => number): Family['lines'] =>
    sample.containers.map(
      (u) => [{ container: u.container, id: u.id, name: u.id, namespace: u.namespace, pod: u.podName }, of(u), u.timeMs] as const,
    );
  return prometheusText([
    {
      name: 'container_cpu_usage_seconds_total',
      help: 'Cumulative cpu time consumed in seconds',
      type: 'counter',
      lines: line((u) => seconds(u.cpuNanoSeconds)),
    },
    {
      name: 'container_memory_working_set_bytes',
      help: 'Current working set in bytes',
      type: 'gauge',
      lines: line((u) => u.workingSetBytes),
    },
    {
      name: 'container_memory_usage_bytes',
      help: 'Current memory usage in bytes, including all memory regardless of when it was accessed',
      type: 'gauge',
      lines: line((u) => u.usageBytes),
    },
    { name: 'container_memory_rss', help: 'Size of RSS in bytes', type: 'gauge', lines: line((u) => u.rssBytes) },
    {
      name: 'container_fs_usage_bytes',
      help: 'Number of bytes that are consumed by the container on this filesystem',
      type: 'gauge',
      lines: line((u) => u.writableBytes ?? 0),
    },
    {
      name: 'machine_memory_bytes',
      help: 'Amount of memory installed on the machine',
      type: 'gauge',
      lines: [[{}, sample.node.memoryTotalBytes]],
    },
  ]);
}
