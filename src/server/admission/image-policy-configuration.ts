// What ImagePolicyWebhook is configured with: times, and a kubeconfig that says whom to ask. Pure.
// Rules: "Admission Control in Kubernetes", ImagePolicyWebhook, configuration file format.

import { isObject } from '../../api/copy.ts';
import type { ImagePolicy } from './image-policy-webhook.ts';

type Member = Readonly<Record<string, unknown>>;

/** A time of the file: its unit, bounds and default in milliseconds. Below the least, or above the most, it is refused. */
interface Duration {
  readonly name: string;
  readonly unit: number;
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

const SECOND = 1_000;
const HALF_AN_HOUR = 1_800 * SECOND;
const ALLOW: Duration = { name: 'allowTTL', unit: SECOND, least: SECOND, most: HALF_AN_HOUR, otherwise: 300 * SECOND };
const DENY: Duration = { name: 'denyTTL', unit: SECOND, least: SECOND, most: HALF_AN_HOUR, otherwise: 30 * SECOND };
const BACKOFF: Duration = { name: 'retryBackoff', unit: 1, least: 0, most: 300 * SECOND, otherwise: 500 };

/**
 * Reads it.
 * @param kubeconfig the content of `kubeConfigFile`, in which files are inlined
 * @throws RangeError naming what is wrong
 */
export function imagePolicyOf(settings: Member, kubeconfig: unknown): ImagePolicy {
  return {
    target: targetOf(kubeconfig),
    allowTtlMs: duration(settings, ALLOW),
    denyTtlMs: duration(settings, DENY),
    retryBackoffMs: duration(settings, BACKOFF),
    defaultAllow: settings['defaultAllow'] === true,
  };
}

/** 0 stands for the default, -1 for none. */
function duration(settings: Member, { name, unit, least, most, otherwise }: Duration): number {
  const value = settings[name] ?? 0;
  if (typeof value !== 'number') throw new RangeError(`ImagePolicyWebhook: ${name} is no number`);
  if (value === 0) return otherwise;
  if (value === -1) return 0;
  const ms = value * unit;
  if (ms <= least || ms > most) {
    throw new RangeError(`ImagePolicyWebhook: ${name}: valid value is between ${least / 1_000}s and ${most / 1_000}s, got ${ms / 1_000}s`);
  }
  return ms;
}

function targetOf(kubeconfig: unknown): ImagePolicy['target'] {
  const file = isObject(kubeconfig) ? kubeconfig : {};
  const context = named(file['contexts'], file['current-context'], 'context');
  const cluster = named(file['clusters'], context['cluster'], 'cluster');
  const user = named(file['users'], context['user'], 'user');
  const { server } = cluster;
  if (typeof server !== 'string' || !URL.canParse(server)) throw new RangeError('ImagePolicyWebhook: the kubeconfig has no server');
  const text = (from: Member, key: string): string | undefined => (typeof from[key] === 'string' ? from[key] : undefined);
  const caBundle = text(cluster, 'certificate-authority-data');
  const certificate = text(user, 'client-certificate-data');
  const key = text(user, 'client-key-data');
  const token = text(user, 'token');
  return {
    url: server,
    ...(caBundle !== undefined && { caBundle }),
    ...(certificate !== undefined && key !== undefined && { certificate: { certificate, key } }),
    ...(token !== undefined && { token }),
  };
}

/** An entry by its name; without a name the first one, and nothing at all where there is none. */
function named(list: unknown, name: unknown, part: string): Member {
  const entries = Array.isArray(list) ? list.filter(isObject) : [];
  const entry = typeof name === 'string' && name !== '' ? entries.find((item) => item['name'] === name) : entries[0];
  const value = entry?.[part];
  return isObject(value) ? value : {};
}
