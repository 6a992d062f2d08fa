// The audit log of a control plane, when the operator has asked for one.

import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { KtsError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { parseYaml } from '../base/yaml.ts';
import type { AuditTrail } from '../server/audit/audit-trail.ts';
import type { MetricsSource } from '../server/http/request-metrics.ts';
import type { AuditOptions } from './options.ts';

/** What the server is given: the trail, the part that writes it, and what it counts. */
export interface Audit {
  readonly trail: AuditTrail;
  readonly log: Component;
  readonly metrics: MetricsSource;
}

/** Reads the policy and makes the log; undefined when there is none, and then nothing is loaded. @throws KtsError `usage` for a policy that cannot be used */
export async function openAudit(options: AuditOptions, deps: { clock: Clock; log: Logger }): Promise<Audit | undefined> {
  const { policyFile, path } = options;
  if (policyFile === undefined && path === undefined) return undefined;
  const log = deps.log.child('audit');
  if (policyFile === undefined || path === undefined) {
    log.warn('nothing is audited: both --audit-policy-file and --audit-log-path are needed');
    return undefined;
  }
  const policy = await readPolicy(policyFile);
  const [{ AuditLog }, { AuditTrail }] = await Promise.all([
    import('../server/audit/audit-log.ts'),
    import('../server/audit/audit-trail.ts'),
  ]);
  const file = new AuditLog({ ...options, path }, { clock: deps.clock, log });
  return {
    trail: new AuditTrail({ policy, write: file.write, clock: deps.clock }),
    log: file,
    metrics: () => metricsText(file.counts),
  };
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

function metricsText({ events, dropped }: { events: number; dropped: number }): string {
  return [
    '# HELP apiserver_audit_event_total Audit events generated and sent to the audit log.',
    '# TYPE apiserver_audit_event_total counter',
    `apiserver_audit_event_total ${events}`,
    '# HELP apiserver_audit_error_total Audit events that were not written.',
    '# TYPE apiserver_audit_error_total counter',
    `apiserver_audit_error_total{plugin="log"} ${dropped}`,
    '',
  ].join('\n');
}
