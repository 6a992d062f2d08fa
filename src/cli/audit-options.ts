// The --audit-* flags, named and meant as kube-apiserver's. Pure.

import { durationNanos } from '../api/codec/time.ts';
import { KtsError } from '../base/errors.ts';
import type { BatchOptions } from '../server/audit/audit-buffer.ts';
import type { AuditFileOptions } from '../server/audit/audit-file.ts';
import { AUDIT_MODES } from '../server/audit/audit-mode.ts';
import type { AuditSinkOptions } from '../server/audit/audit-sink.ts';
import type { Flag } from './flags.ts';
import type { FlagValues } from './parse-flags.ts';

/** The audit log: what is recorded, and where it is kept. */
export interface AuditOptions {
  readonly policyFile: string | undefined;
  readonly log: { readonly file: Omit<AuditFileOptions, 'path'> & { readonly path: string | undefined }; readonly sink: AuditSinkOptions };
  readonly webhook: { readonly configFile: string | undefined; readonly initialBackoffMs: number; readonly sink: AuditSinkOptions };
}

/** Size of an audit log file when none is given. */
const DEFAULT_MB = 100;

interface FlagDefaults {
  readonly default?: string | number | boolean;
  readonly env?: string;
}

const flag = (name: string, type: Flag['type'], help: string, more: FlagDefaults = {}): Flag => ({
  name,
  type,
  group: 'audit',
  commands: ['server'],
  help,
  ...more,
});

/** What differs between the two places: events are worth gathering only for the network. */
const PLACES = {
  log: { mode: 'blocking', maxSize: 1, maxWait: '0s', throttle: false, qps: 0, burst: 0 },
  webhook: { mode: 'batch', maxSize: 400, maxWait: '30s', throttle: true, qps: 10, burst: 15 },
} as const;
type Place = keyof typeof PLACES;

function sinkFlags(place: Place): Flag[] {
  const preset = PLACES[place];
  const of = (name: string, type: Flag['type'], help: string, value: string | number | boolean): Flag =>
    flag(`audit-${place}-${name}`, type, help, { default: value });
  return [
    of('mode', 'string', `whether requests wait for the ${place}: ${AUDIT_MODES.join(', ')} (they fail with it)`, preset.mode),
    of('batch-buffer-size', 'number', 'events that may wait in batch mode; more are lost', 10_000),
    of('batch-max-size', 'number', 'most events of a batch', preset.maxSize),
    of('batch-max-wait', 'string', 'how long an event waits for others', preset.maxWait),
    of('batch-throttle-enable', 'boolean', 'limit the rate of batches', preset.throttle),
    of('batch-throttle-qps', 'string', 'batches a second on average', preset.qps),
    of('batch-throttle-burst', 'number', 'batches at once after a pause', preset.burst),
    of('truncate-enabled', 'boolean', 'take the objects out of events that are too large', false),
    of('truncate-max-batch-size', 'number', 'most bytes of a batch', 10 << 20),
    of('truncate-max-event-size', 'number', 'most bytes of an event', 100 << 10),
  ];
}

/** The flags. */
export const AUDIT_FLAGS: readonly Flag[] = [
  flag('audit-policy-file', 'string', 'file with the audit policy (audit.k8s.io/v1): what is recorded of which requests', {
    env: 'KTS_AUDIT_POLICY_FILE',
  }),
  flag('audit-log-path', 'string', 'file of the audit log; - is standard output'),
  flag('audit-log-maxage', 'number', 'days after which old audit log files are deleted (0: never)', { default: 0 }),
  flag('audit-log-maxbackup', 'number', 'most old audit log files that are kept (0: all)', { default: 0 }),
  flag('audit-log-maxsize', 'number', 'megabytes after which the audit log begins a new file', { default: DEFAULT_MB }),
  ...sinkFlags('log'),
  flag('audit-webhook-config-file', 'string', 'kubeconfig of the webhook that is sent the audit events'),
  flag('audit-webhook-initial-backoff', 'string', 'pause before a failed request is tried again', { default: '10s' }),
  ...sinkFlags('webhook'),
];

const usage = (message: string): KtsError<'usage'> => new KtsError('usage', message);

/** Reads the flags of one place. */
class PlaceReader {
  readonly #values: FlagValues;
  readonly #place: Place;

  constructor(values: FlagValues, place: Place) {
    this.#values = values;
    this.#place = place;
  }

  #get(name: string): unknown {
    return this.#values.get(`audit-${this.#place}-${name}`);
  }

  text(name: string): string {
    return String(this.#get(name) ?? '');
  }

  /** NaN for what is none. */
  number(name: string): number {
    return Number(this.#get(name));
  }

  millis(name: string): number {
    const text = this.text(name);
    const nanos = durationNanos(text);
    if (nanos === undefined || nanos < 0n) throw usage(`--audit-${this.#place}-${name}: "${text}" is no duration such as 30s`);
    return Number(nanos / 1_000_000n);
  }

  sink(): AuditSinkOptions {
    const place = this.#place;
    const mode = AUDIT_MODES.find((known) => known === this.text('mode'));
    if (mode === undefined) throw usage(`invalid audit ${place} mode ${this.text('mode')}, allowed modes are "${AUDIT_MODES.join(',')}"`);
    const limits = {
      maxEventBytes: positive(`audit truncate ${place} max event size`, this.number('truncate-max-event-size')),
      maxBatchBytes: this.number('truncate-max-batch-size'),
    };
    if (limits.maxBatchBytes < limits.maxEventBytes) {
      const { maxBatchBytes, maxEventBytes } = limits;
      throw usage(
        `invalid audit truncate ${place} max batch size ${maxBatchBytes}, must be greater than max event size (${maxEventBytes})`,
      );
    }
    return { mode, batch: this.#batch(mode === 'batch'), truncate: this.#get('truncate-enabled') === true ? limits : undefined };
  }

  /** Numbers that are not used are not looked at. */
  #batch(isUsed: boolean): BatchOptions {
    const counted = (name: string, what: string): number => {
      const value = this.number(name);
      return isUsed ? positive(`audit batch ${this.#place} ${what}`, value) : value;
    };
    return {
      bufferSize: counted('batch-buffer-size', 'buffer size'),
      maxSize: counted('batch-max-size', 'max batch size'),
      maxWaitMs: this.millis('batch-max-wait'),
      throttle:
        this.#get('batch-throttle-enable') === true
          ? { qps: counted('batch-throttle-qps', 'throttle QPS'), burst: counted('batch-throttle-burst', 'throttle burst') }
          : undefined,
    };
  }
}

function positive(what: string, value: number): number {
  if (!(value > 0)) throw usage(`invalid ${what} ${value}, must be a positive number`);
  return value;
}

/** The options. @throws KtsError `usage` */
export function auditOptions(values: FlagValues): AuditOptions {
  const [log, webhook] = [new PlaceReader(values, 'log'), new PlaceReader(values, 'webhook')];
  return {
    policyFile: String(values.get('audit-policy-file') ?? '') || undefined,
    log: {
      file: {
        path: log.text('path') || undefined,
        maxAgeDays: log.number('maxage'),
        maxBackups: log.number('maxbackup'),
        maxSizeMb: log.number('maxsize') || DEFAULT_MB,
      },
      sink: log.sink(),
    },
    webhook: {
      configFile: webhook.text('config-file') || undefined,
      initialBackoffMs: webhook.millis('initial-backoff'),
      sink: webhook.sink(),
    },
  };
}
