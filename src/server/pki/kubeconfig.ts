// Kubeconfig files: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/

import { writeFileAtomic } from '../../base/atomic-file.ts';
import type { CertifiedKey } from '../../base/x509.ts';

/** What one context of a kubeconfig says. */
export interface KubeconfigContent {
  /** Name of cluster, context and user, e.g. `default`. */
  readonly name: string;
  /** `https://host:port`. */
  readonly server: string;
  /** PEM of the authority of the server's certificate. */
  readonly authority: string;
  readonly client: CertifiedKey;
}

/** The file's text. */
export function kubeconfigText({ name, server, authority, client }: KubeconfigContent): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const quoted = JSON.stringify(name); // A JSON string is a YAML string.
  return `apiVersion: v1
kind: Config
clusters:
- name: ${quoted}
  cluster:
    server: ${JSON.stringify(server)}
    certificate-authority-data: ${base64(authority)}
users:
- name: ${quoted}
  user:
    client-certificate-data: ${base64(client.certificate)}
    client-key-data: ${base64(client.key)}
contexts:
- name: ${quoted}
  context:
    cluster: ${quoted}
    user: ${quoted}
current-context: ${quoted}
preferences: {}
`;
}

/** Writes a kubeconfig atomically; `mode` and `gid` are the operator's choice of who may read it. */
export function writeKubeconfig(path: string, content: KubeconfigContent, access: { mode: number; gid?: number }): void {
  writeFileAtomic(path, kubeconfigText(content), access);
}
