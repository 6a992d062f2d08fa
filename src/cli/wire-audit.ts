// The audit log of a control plane, when the operator has asked for one. What nobody asked for is not loaded.

import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { KtsError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { parseYaml } from '../base/yaml.ts';
import type { AuditOutput, AuditSink, AuditSinkOptions } from '../server/audit/audit-sink.ts';
import type { AuditTrail } from '../server/audit/audit-trail.ts';
import type { MetricsSource } from '../server/http/request-metrics.ts';
import type { AuditOptions } from './audit-options.ts';

/** What the server is given: the trail, the parts that keep it, and what it counts. */
export interface Audit {
  readonly trail: AuditTrail;
  readonly sinks: readonly Component[];
  readonly metrics: MetricsSource;
}

interface AuditDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Reads policy and kubeconfig and makes the parts; undefined when nothing is to be kept. @throws KtsError `usage` for a file that cannot be used */
export async function openAudit(options: AuditOptions, deps: AuditDeps): Promise<Audit | undefined> {
  const { policyFile, log, webhook } = options;
  const isKept = log.file.path !== undefined || webhook.configFile !== undefined;
  if (policyFile === undefined && !isKept) return undefined;
  const own = { clock: deps.clock, log: deps.log.child('audit') };
  if (policyFile === undefined || !isKept) {
    own.log.warn('nothing is audited: --audit-policy-file and one of --audit-log-path and --audit-webhook-config-file are needed');
    return undefined;
  }
  const policy = await readPolicy(policyFile);
  const sinks = await makeSinks(options, own);
  const { AuditTrail } = await import('../server/audit/audit-trail.ts');
  const trail = new AuditTrail({ policy, sinks, clock: deps.clock });
  return { trail, sinks, metrics: () => metricsText(trail, sinks) };
}

async function makeSinks({ log, webhook }: AuditOptions, deps: AuditDeps): Promise<AuditSink[]> {
  const { AuditSink } = await import('../server/audit/audit-sink.ts');
  const sink = (options: AuditSinkOptions, output: AuditOutput): AuditSink => new AuditSink(options, { ...deps, output });
  const sinks: AuditSink[] = [];
  const { path } = log.file;
  if (path !== undefined) {
    const { AuditFile } = await import('../server/audit/audit-file.ts');
    sinks.push(sink(log.sink, new AuditFile({ ...log.file, path }, deps)));
  }
  if (webhook.configFile !== undefined) {
    const { readWebhookKubeconfig } = await import('./webhook-kubeconfig.ts');
    const { AuditWebhook } = await import('../server/audit/audit-webhook.ts');
    const access = await readWebhookKubeconfig('--audit-webhook-config-file', webhook.configFile);
    sinks.push(sink(webhook.sink, new AuditWebhook({ access, initialBackoffMs: webhook.initialBackoffMs }, deps)));
  }
  return sinks;
}

async function readPolicy(file: string) {
  const { readAuditPolicy } = await import('../server/audit/policy-validation.ts');
  const refuse = (why: string): never => {
    throw new KtsError('usage', `--audit-policy-file: ${file}: ${why}`);
  };
  const value = await readFile(file, 'utf8')
    .then((text) => parseYaml(text, '1.1'))
    .catch((error: unknown) => refuse(messageOf(error).split('\n')[0] ?? ''));
  const read = readAuditPolicy(value);
  return 'policy' in read ? read.policy : refuse(read.fault);
}

function metricsText(trail: AuditTrail, sinks: readonly AuditSink[]): string {
  const { events, rejected } = trail.counts;
  const lost = new Map<string, number>();
  for (const sink of sinks) for (const [plugin, count] of sink.lost) lost.set(plugin, (lost.get(plugin) ?? 0) + count);
  return [
    '# HELP apiserver_audit_event_total Audit events generated and sent to the audit backends.',
    '# TYPE apiserver_audit_event_total counter',
    `apiserver_audit_event_total ${events}`,
    '# HELP apiserver_audit_requests_rejected_total Requests refused since their audit events could not be kept.',
    '# TYPE apiserver_audit_requests_rejected_total counter',
    `apiserver_audit_requests_rejected_total ${rejected}`,
    '# HELP apiserver_audit_error_total Audit events that were not kept, by the plugin that lost them.',
    '# TYPE apiserver_audit_error_total counter',
    ...[...lost].map(([plugin, count]) => `apiserver_audit_error_total{plugin="${plugin}"} ${count}`),
    '',
  ].join('\n');
}
