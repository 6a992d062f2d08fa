// Manifests of the tests: small, from the one test image.

import { TEST_IMAGE } from '../../../scripts/images/test-image.ts';

/** A pod's spec with one container that runs a shell script. */
export function shellPod(name: string, script: string, more: { spec?: object; container?: object; metadata?: object } = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name }, ...more.metadata },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: TEST_IMAGE, command: ['sh', '-c', script], ...more.container }],
      ...more.spec,
    },
  };
}

/** Runs until it is told to end, at once. */
export const WAIT = 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done';

/** A script that serves files of /www with the pod's host name as the page. */
export const WEB = 'mkdir -p /www; hostname > /www/index.html; trap "exit 0" TERM; httpd -f -p 8080 -h /www & wait $!';

/** Serves the pod's name at /, and at /cgi-bin/peer the client's address, on ports 8080 and 8081. */
export const PEER_WEB = `mkdir -p /www/cgi-bin; hostname > /www/index.html
printf '#!/bin/sh\\nprintf "\\\\r\\\\n$REMOTE_ADDR $REQUEST_METHOD\\\\n"\\n' > /www/cgi-bin/peer; chmod +x /www/cgi-bin/peer
trap "exit 0" TERM; httpd -p 8081 -h /www; httpd -f -p 8080 -h /www & wait $!`;

/** A Deployment of web servers. */
export function webDeployment(name: string, replicas: number, podSpec: object = {}, container: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: name } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              name: 'web',
              image: TEST_IMAGE,
              command: ['sh', '-c', WEB],
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
              ...container,
            },
          ],
          ...podSpec,
        },
      },
    },
  };
}

/** A Service in front of pods labelled `app: <name>`. */
export function service(name: string, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
  };
}

/** The script of an HTTP request by name; Debian's static busybox has no working wget. */
export const request = (host: string, port: number, path = '/'): string =>
  `printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${host} ${port}`;
