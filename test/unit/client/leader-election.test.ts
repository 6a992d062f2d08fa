import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serviceUnavailable } from '../../../src/api/status-error.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { LeaderElection } from '../../../src/client/leader-election.ts';
import { LocalClient } from '../../../src/client/local-client.ts';
import { LEASES } from '../../../src/client/resources.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function world() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const leaders = new Set<string>();
  const candidate = (identity: string) => {
    const client = new LocalClient(api, { name: identity, groups: [] }, { userAgent: identity });
    const lease = { namespace: 'kube-system', name: 'scheduler' };
    const election = new LeaderElection({ lease, identity }, { client, clock, log: silentLogger });
    const stop = new AbortController();
    const lead = async (signal: AbortSignal): Promise<void> => {
      leaders.add(identity);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      leaders.delete(identity);
    };
    const run = election.run(lead, stop.signal).catch(() => 'aborted before leading');
    return { stop: () => stop.abort(), run };
  };
  const spec = async () => (await new LocalClient(api, { name: 't', groups: [] }).list(LEASES)).items[0]?.spec;
  return { clock, api, leaders, candidate, spec };
}

describe('LeaderElection', () => {
  it('lets one lead, and the next at once when the first gives it back', async () => {
    const { clock, leaders, candidate, spec } = world();
    const a = candidate('a');
    await clock.advance(0);
    const b = candidate('b');
    await clock.advance(60_000);
    assert.deepEqual([...leaders], ['a']);
    assert.equal((await spec())?.holderIdentity, 'a');
    a.stop();
    await a.run;
    assert.equal((await spec())?.holderIdentity, '');
    await clock.advance(2_000);
    assert.deepEqual([...leaders], ['b']);
    b.stop();
    await b.run;
    assert.equal(clock.pending, 0);
  });

  it('ends leading when the lease cannot be renewed, before another may take it', async () => {
    const { clock, api, leaders, candidate, spec } = world();
    const a = candidate('a');
    await clock.advance(0);
    const b = candidate('b');
    await clock.advance(4_000);
    api.before = ({ userAgent }) => {
      if (userAgent === 'a') throw serviceUnavailable('cut off');
    };
    for (let second = 0; second < 30 && !leaders.has('b'); second++) {
      await clock.advance(1_000);
      assert.ok(leaders.size <= 1);
    }
    assert.deepEqual([...leaders], ['b']);
    assert.equal((await spec())?.leaseTransitions, 1);
    await a.run;
    b.stop();
    await b.run;
  });

  it('can be stopped while it waits', async () => {
    const { clock, candidate } = world();
    const a = candidate('a');
    await clock.advance(0);
    const b = candidate('b');
    await clock.advance(1_000);
    b.stop();
    assert.equal(await b.run, 'aborted before leading');
    a.stop();
    await a.run;
    assert.equal(clock.pending, 0);
  });
});
