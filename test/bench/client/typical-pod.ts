// A pod as users write them: resources, probes, environment, volumes. About 3 kB of JSON when it comes back.

import type { Pod } from '../../../src/api/types/core-v1.gen.ts';

/** A pod for a scheduler that does not exist, so that nobody acts on it. */
export function typicalPod(name: string, namespace: string): Pod & { metadata: { name: string; namespace: string } } {
  return {
    metadata: {
      name,
      namespace,
      labels: { bench: 'list', 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/instance': name, tier: 'front' },
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' },
    },
    spec: {
      schedulerName: 'nobody',
      containers: [
        {
          name: 'web',
          image: 'registry.example/team/web:1.27.3',
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          env: [
            { name: 'LOG_LEVEL', value: 'info' },
            { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'web', key: 'password' } } },
          ],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
          readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
          livenessProbe: { httpGet: { path: '/live', port: 'http' }, initialDelaySeconds: 10 },
          volumeMounts: [
            { name: 'config', mountPath: '/etc/web' },
            { name: 'cache', mountPath: '/var/cache/web' },
          ],
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: 'web' } },
        { name: 'cache', emptyDir: {} },
      ],
    },
  };
}
