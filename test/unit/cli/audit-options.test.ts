// The --audit-* flags: kube-apiserver's defaults, and the one line for each mistake.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KtsError } from '../../../src/base/errors.ts';
import { auditOptions } from '../../../src/cli/audit-options.ts';
import { parseArguments, resolveFlags } from '../../../src/cli/parse-flags.ts';

const options = (...args: string[]) =>
  auditOptions(resolveFlags('server', { args: parseArguments('server', args).values, env: new Map(), config: new Map() }));

describe('auditOptions', () => {
  it("has kube-apiserver's defaults", () => {
    assert.deepEqual(options(), {
      policyFile: undefined,
      log: {
        file: { path: undefined, maxAgeDays: 0, maxBackups: 0, maxSizeMb: 100 },
        sink: { mode: 'blocking', batch: { bufferSize: 10_000, maxSize: 1, maxWaitMs: 0, throttle: undefined }, truncate: undefined },
      },
      webhook: {
        configFile: undefined,
        initialBackoffMs: 10_000,
        sink: {
          mode: 'batch',
          batch: { bufferSize: 10_000, maxSize: 400, maxWaitMs: 30_000, throttle: { qps: 10, burst: 15 } },
          truncate: undefined,
        },
      },
    });
  });

  it('reads all of them', () => {
    const { policyFile, log, webhook } = options(
      '--audit-policy-file=/policy.yaml',
      '--audit-log-path=-',
      '--audit-log-maxage=1',
      '--audit-log-maxbackup=2',
      '--audit-log-maxsize=3',
      '--audit-log-mode=batch',
      '--audit-log-batch-buffer-size=4',
      '--audit-log-truncate-enabled',
      '--audit-log-truncate-max-event-size=5',
      '--audit-log-truncate-max-batch-size=6',
      '--audit-webhook-config-file=/hook.yaml',
      '--audit-webhook-initial-backoff=1m',
      '--audit-webhook-mode=blocking-strict',
      '--audit-webhook-batch-max-size=7',
      '--audit-webhook-batch-max-wait=500ms',
      '--audit-webhook-batch-throttle-qps=0.5',
    );
    assert.equal(policyFile, '/policy.yaml');
    assert.deepEqual(log, {
      file: { path: '-', maxAgeDays: 1, maxBackups: 2, maxSizeMb: 3 },
      sink: {
        mode: 'batch',
        batch: { bufferSize: 4, maxSize: 1, maxWaitMs: 0, throttle: undefined },
        truncate: { maxEventBytes: 5, maxBatchBytes: 6 },
      },
    });
    assert.deepEqual([webhook.configFile, webhook.initialBackoffMs, webhook.sink.mode], ['/hook.yaml', 60_000, 'blocking-strict']);
    assert.deepEqual(webhook.sink.batch, { bufferSize: 10_000, maxSize: 7, maxWaitMs: 500, throttle: { qps: 0.5, burst: 15 } });
  });

  it('knows batches at any rate', () =>
    assert.equal(options('--audit-webhook-batch-throttle-enable=false').webhook.sink.batch.throttle, undefined));

  it('does not look at numbers of batches where there are none', () =>
    assert.equal(options('--audit-log-batch-buffer-size=0').log.sink.mode, 'blocking'));

  const refused: readonly [string[], RegExp][] = [
    [['--audit-log-mode=later'], /invalid audit log mode later, allowed modes are "batch,blocking,blocking-strict"/],
    [['--audit-webhook-mode='], /invalid audit webhook mode/],
    [['--audit-webhook-batch-buffer-size=0'], /invalid audit batch webhook buffer size 0, must be a positive number/],
    [['--audit-webhook-batch-max-size=0'], /invalid audit batch webhook max batch size 0, must be a positive number/],
    [['--audit-webhook-batch-throttle-qps=fast'], /invalid audit batch webhook throttle QPS NaN/],
    [['--audit-webhook-batch-throttle-qps=0'], /invalid audit batch webhook throttle QPS 0/],
    [['--audit-webhook-batch-throttle-burst=0'], /invalid audit batch webhook throttle burst 0/],
    [['--audit-log-mode=batch', '--audit-log-batch-throttle-enable'], /invalid audit batch log throttle QPS 0/],
    [['--audit-log-truncate-max-event-size=0'], /invalid audit truncate log max event size 0, must be a positive number/],
    [
      ['--audit-log-truncate-max-batch-size=7'],
      /invalid audit truncate log max batch size 7, must be greater than max event size \(102400\)/,
    ],
    [['--audit-webhook-batch-max-wait=soon'], /--audit-webhook-batch-max-wait: "soon" is no duration/],
    [['--audit-webhook-initial-backoff=-1s'], /--audit-webhook-initial-backoff: "-1s" is no duration/],
  ];
  for (const [args, message] of refused) {
    it(`refuses ${args.join(' ')}`, () =>
      assert.throws(
        () => options(...args),
        (error) => error instanceof KtsError && error.code === 'usage' && message.test(error.message),
      ));
  }
});
