// Images from a registry: one that is not there yet, one that is not for everybody.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import { shellPod, WAIT } from '../support/manifests.ts';
import { REGISTRY_USER, Registry } from '../support/registry.ts';

const WAITING = '{.status.containerStatuses[0].state.waiting.reason}';

/** The suite. */
export function images(of: () => TestCluster): void {
  describe('images from a registry', () => {
    let registry: Registry | undefined;
    const at = (): Registry => registry ?? assert.fail('the registry did not start');
    before(async () => {
      registry = await Registry.start(of().server);
    });
    after(() => registry?.stop());

    test('an image that is not there is asked for with back-off, and the pod starts when it has appeared', async () => {
      const { kubectl } = of();
      const image = `${at().open}/apps/late:1`;
      await kubectl.apply(shellPod('late', WAIT, { spec: { nodeName: 'node1' }, container: { image } }));
      await kubectl.until('pod late', WAITING, (reason) => reason === 'ErrImagePull', 20_000);
      await kubectl.until('pod late', WAITING, (reason) => reason === 'ImagePullBackOff', 20_000);
      assert.match(
        await kubectl.path('pod late', '{.status.containerStatuses[0].state.waiting.message}'),
        /^Back-off pulling image "127\.0\.0\.1:5001\/apps\/late:1": ErrImagePull: .*not found/,
      );
      await at().push('apps/late', '1');
      await kubectl.ready('late');
      assert.match(await kubectl.path('pod late', '{.status.containerStatuses[0].imageID}'), /^127\.0\.0\.1:5001\/apps\/late@sha256:/);
      const text = await kubectl.run(['describe', 'pod', 'late']);
      assert.match(text, /Warning\s+Failed\s+.*Failed to pull image "127\.0\.0\.1:5001\/apps\/late:1"/);
      assert.match(text, /Normal\s+BackOff\s+.*Back-off pulling image/);
      assert.match(text, /Normal\s+Pulled\s+.*Successfully pulled image "127\.0\.0\.1:5001\/apps\/late:1" in .* Image size: \d+ bytes\./);
      await kubectl.run(['delete', 'pod', 'late']);
    });

    test('a private image is refused without a secret and pulled with one, of the pod or of its service account', async () => {
      const { kubectl } = of();
      await at().push('apps/private', '1');
      const { username, password } = REGISTRY_USER;
      const server = [`--docker-server=${at().closed}`, `--docker-username=${username}`, `--docker-password=${password}`];
      await kubectl.run(['create', 'secret', 'docker-registry', 'pull', ...server]);
      await kubectl.apply({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'puller' },
        imagePullSecrets: [{ name: 'pull' }],
      });
      // Always: what one pod has pulled must not let the other in.
      const container = { image: `${at().closed}/apps/private:1`, imagePullPolicy: 'Always' };
      await kubectl.apply(
        shellPod('stranger', WAIT, { spec: { nodeName: 'node1' }, container }),
        shellPod('secret', WAIT, { spec: { nodeName: 'node1', imagePullSecrets: [{ name: 'pull' }] }, container }),
        shellPod('account', WAIT, { spec: { nodeName: 'node1', serviceAccountName: 'puller' }, container }),
      );
      await kubectl.ready('secret');
      await kubectl.ready('account');
      await kubectl.until('pod stranger', WAITING, (reason) => reason === 'ErrImagePull' || reason === 'ImagePullBackOff');
      assert.match(await kubectl.run(['describe', 'pod', 'stranger']), /Failed to pull image .*(401|authorization failed|no basic auth)/i);
      await kubectl.run(['delete', 'pod/stranger', 'pod/secret', 'pod/account', 'secret/pull', 'serviceaccount/puller']);
    });
  });
}
