import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { internalError, StatusError } from '../../../../src/api/status-error.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import type { AdmissionRequest } from '../../../../src/server/admission/admission.ts';
import { type ImagePolicy, imagePolicyWebhook } from '../../../../src/server/admission/image-policy-webhook.ts';
import { podOf, podRequest } from '../../../support/admission.ts';

const POLICY: ImagePolicy = {
  target: { url: 'https://images.example.com/' },
  allowTtlMs: 10_000,
  denyTtlMs: 0,
  retryBackoffMs: 100,
  defaultAllow: false,
};
const YES = { status: { allowed: true } };
const NO = { status: { allowed: false } };

/** The plugin with a service that gives these answers in turn, the last one for good. */
function policed(policy: Partial<ImagePolicy>, ...answers: (object | Error)[]) {
  const asked: { spec: object }[] = [];
  const slept: number[] = [];
  const time = { ms: 0 };
  const post = async (_target: unknown, { body }: { body: unknown }): Promise<unknown> => {
    asked.push(body as { spec: object });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const clock = { monotonic: () => time.ms, sleep: async (ms: number) => void slept.push(ms) };
  const plugin = imagePolicyWebhook({ ...POLICY, ...policy }, { client: { post }, clock, log: silentLogger });
  const says = async (request: AdmissionRequest): Promise<string> => {
    try {
      await plugin.validate?.(request);
      return '';
    } catch (error) {
      assert.ok(error instanceof StatusError && error.code === 403, String(error));
      return error.message;
    }
  };
  return { asked, slept, time, says };
}

const pod = podOf({ initContainers: [{ name: 'i', image: 'init' }], ephemeralContainers: [{ name: 'e', image: 'debug' }] });
const why = (text: string): string => `pods "web" is forbidden: ${text}`;

describe('ImagePolicyWebhook', () => {
  it('shows images, namespace and the annotations that are meant for it', async () => {
    const { asked, says } = policed({}, YES);
    const annotations = { 'x.image-policy.k8s.io/ticket': '1', other: '2' };
    assert.equal(await says(podRequest({ ...pod, metadata: { ...pod.metadata, annotations } })), '');
    assert.deepEqual(asked, [
      {
        kind: 'ImageReview',
        apiVersion: 'imagepolicy.k8s.io/v1alpha1',
        spec: {
          containers: [{ image: 'web' }, { image: 'init' }],
          annotations: { 'x.image-policy.k8s.io/ticket': '1' },
          namespace: 'shop',
        },
      },
    ]);
  });

  it('shows the images of ephemeral containers where those come', async () => {
    const { asked, says } = policed({}, YES);
    await says(podRequest(pod, { operation: 'UPDATE', subresource: 'ephemeralcontainers' }));
    assert.deepEqual(asked[0]?.spec, { containers: [{ image: 'debug' }], namespace: 'shop' });
  });

  it('refuses in the words of the service, or its own', async () => {
    const denied = 'image policy webhook backend denied one or more images: too old';
    assert.equal(await policed({}, { status: { allowed: false, reason: 'too old' } }).says(podRequest(pod)), why(denied));
    assert.equal(await policed({}, NO).says(podRequest(pod)), why('one or more images rejected by webhook backend'));
    assert.equal(await policed({}, {}).says(podRequest(pod)), why('one or more images rejected by webhook backend'));
  });

  it('remembers answers for as long as it is told', async () => {
    const { asked, time, says } = policed({ denyTtlMs: 0 }, YES, NO);
    await says(podRequest(pod));
    time.ms = 9_999;
    assert.equal(await says(podRequest(pod)), '');
    assert.equal(asked.length, 1);
    time.ms = 10_000;
    assert.notEqual(await says(podRequest(pod)), '');
    assert.notEqual(await says(podRequest(pod)), '');
    assert.equal(asked.length, 3);
  });

  it('asks again, later each time, when the service fails', async () => {
    const { asked, slept, says } = policed({}, internalError('a'), internalError('b'), YES);
    assert.equal(await says(podRequest(pod)), '');
    assert.deepEqual([asked.length, slept], [3, [100, 150]]);
    const failing = policed({}, internalError('gone'));
    assert.equal(await failing.says(podRequest(pod)), why('Internal error occurred: gone'));
    assert.equal(failing.asked.length, 5);
    const unreachable = policed({}, new TypeError('no route'));
    assert.equal(await unreachable.says(podRequest(pod)), why('no route'));
    assert.equal(unreachable.asked.length, 1);
  });

  it('lets pods run when the service cannot be asked, if that is the default, and says so in the audit log', async () => {
    const notes: string[] = [];
    const { says } = policed({ defaultAllow: true }, new TypeError('no route'));
    assert.equal(await says(podRequest(pod, { annotate: (key, value) => void notes.push(`${key}=${value}`) })), '');
    assert.deepEqual(notes, ['imagepolicywebhook.image-policy.k8s.io/failed-open=true']);
  });

  it('passes on what the service says for the audit log', async () => {
    const notes: string[] = [];
    const { says } = policed({}, { status: { allowed: true, auditAnnotations: { seen: 'yes' } } });
    await says(podRequest(pod, { annotate: (key, value) => void notes.push(`${key}=${value}`) }));
    assert.deepEqual(notes, ['imagepolicywebhook.image-policy.k8s.io/seen=yes']);
  });

  it('asks about nothing else', async () => {
    const { asked, says } = policed({}, NO);
    assert.equal(await says(podRequest(pod, { operation: 'UPDATE', subresource: 'status' })), '');
    assert.equal(await says(podRequest(pod, { operation: 'DELETE', object: undefined })), '');
    assert.equal(await says(podRequest(pod, { resource: { group: 'apps', version: 'v1', resource: 'deployments' } })), '');
    assert.equal(asked.length, 0);
  });
});
