// The objects of the demo: a web page in two replicas behind a NodePort Service, from the image that is built into kts.

import type { Deployment } from '../api/types/apps-v1.gen.ts';
import type { Service } from '../api/types/core-v1.gen.ts';

/** Name of all objects of the demo; they are in the namespace `default`. */
export const DEMO = 'demo';
/** Image built into kts and imported at start. */
export const DEMO_IMAGE = 'kts.local/demo:1';
const PORT = 8080;
const LABELS = { app: DEMO };

const httpGet = { path: '/healthz', port: PORT };

/** The Deployment: ready when it answers, and drained before it ends, so that updates lose no request. */
export const DEMO_DEPLOYMENT: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: DEMO, namespace: 'default', labels: LABELS },
  spec: {
    replicas: 2,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 10,
        containers: [
          {
            name: 'web',
            image: DEMO_IMAGE,
            ports: [{ name: 'http', containerPort: PORT }],
            env: [
              { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            ],
            readinessProbe: { httpGet, periodSeconds: 5 },
            lifecycle: { preStop: { sleep: { seconds: 2 } } },
            resources: { requests: { cpu: '10m', memory: '8Mi' }, limits: { memory: '32Mi' } },
          },
        ],
      },
    },
  },
};

/** The Service, on a port of every node that the cluster chooses. */
export const DEMO_SERVICE: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: DEMO, namespace: 'default', labels: LABELS },
  spec: { type: 'NodePort', selector: LABELS, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
};
