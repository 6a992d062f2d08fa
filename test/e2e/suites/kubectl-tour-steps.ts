// The steps of the tour through kubectl's commands, as data: what is typed and what a user of any cluster then sees.
// NAME is the tour's namespace, DIR its directory. Manifests and kustomizations are FILES, written there before.

import { TEST_IMAGE } from '../../../scripts/images/test-image.ts';
import { WAIT, webDeployment } from '../support/manifests.ts';

/** One command. */
export interface Step {
  readonly run: string;
  /** What the output (both streams) matches. */
  readonly says?: RegExp | readonly RegExp[];
  /** Exit code. Default 0. */
  readonly code?: number;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The first minor version of kubectl that has the command. */
  readonly from?: number;
}

const quick = { terminationGracePeriodSeconds: 0 };
const json = (object: object): string => JSON.stringify(object);
const list = (...items: object[]): string => json({ apiVersion: 'v1', kind: 'List', items });
const configMap = (name: string, data: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

/** Files by path. */
export const FILES: Readonly<Record<string, string>> = {
  'web.json': json(webDeployment('web', 1, quick)),
  'web-2.json': json(webDeployment('web', 2, quick)),
  'settings/color': 'blue\n',
  'pair.json': list(configMap('one', { a: '1' }), configMap('two', { a: '2' })),
  'node.json': json({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'NAME' } }),
  'role.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: NAME}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get, list]}
`,
  'kustom/kustomization.yaml': `namePrefix: k-
labels:
- {pairs: {from: kustomize}}
resources: [base.yaml]
configMapGenerator:
- {name: made, literals: [x=1]}
`,
  'kustom/base.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\ndata: {k: v}\n',
};

/** The chapters in order; a chapter builds on those before it. */
export const CHAPTERS: Readonly<Record<string, readonly Step[]>> = {
  'tells of itself and of the API': [
    { run: 'version', says: /Server Version: .*v1\.36\./ },
    { run: 'cluster-info', says: /Kubernetes control plane.* is running at/ },
    { run: 'api-versions', says: [/^apps\/v1$/m, /^v1$/m] },
    { run: 'api-resources --api-group=apps -o wide', says: /^deployments +deploy +apps\/v1 +true +Deployment +create,.*watch +all$/m },
    { run: 'api-resources --namespaced=false --sort-by=name -o name', says: /^nodes$/m },
    { run: 'explain deployment.spec.replicas', says: /FIELD: +replicas <integer>/ },
    { run: 'explain pod.spec --recursive', says: /\n {4}livenessProbe\s<Probe>/ },
    { run: 'explain cronjob --api-version=batch/v1', says: /KIND: +CronJob\nVERSION: +v1/ },
    { run: 'explain pod.spec.containers --output=plaintext-openapiv2', says: /A single application container/ },
    { run: 'config view', says: /server: https:/ },
    { run: 'get --raw /healthz', says: /^ok$/ },
    { run: 'get nothings', code: 1, says: /the server doesn't have a resource type "nothings"/ },
  ],
  'creates in every form': [
    { run: 'create configmap settings --from-file=DIR/settings --from-literal=size=2', says: /configmap\/settings created/ },
    { run: 'create secret generic login --from-literal=user=me', says: /secret\/login created/ },
    { run: 'create secret tls cert --cert=DIR/tls.crt --key=DIR/tls.key', says: /secret\/cert created/ },
    { run: 'create secret docker-registry pull --docker-server=r.example --docker-username=u --docker-password=p', says: /created/ },
    { run: 'create serviceaccount robot', says: /serviceaccount\/robot created/ },
    { run: 'create token robot --duration=20m', says: /^ey/ },
    { run: 'create role maker --verb=create --resource=pods,deployments.apps', says: /created/ },
    { run: 'create rolebinding maker --role=maker --serviceaccount=NAME:robot', says: /created/ },
    { run: 'create clusterrole NAME --verb=get --non-resource-url=/metrics', says: /created/ },
    { run: 'create clusterrolebinding NAME --clusterrole=NAME --user=jane', says: /created/ },
    { run: 'create quota roomy --hard=pods=50,configmaps=100', says: /resourcequota\/roomy created/ },
    { run: 'create priorityclass NAME --value=5 --description=tour', says: /created/ },
    { run: 'create poddisruptionbudget web --selector=app=web --min-available=0', says: /created/ },
    { run: `create deployment made --image=${TEST_IMAGE} --replicas=0`, says: /deployment.apps\/made created/ },
    { run: `create cronjob tick --image=${TEST_IMAGE} --schedule='0 0 1 1 *' -- true`, says: /cronjob.batch\/tick created/ },
    { run: 'create job once --from=cronjob/tick', says: /job.batch\/once created/ },
    { run: 'create service clusterip plain --tcp=80:8080', says: /created/ },
    { run: 'create service nodeport open --tcp=80:8080', says: /created/ },
    { run: 'create service externalname away --external-name=example.com', says: /created/ },
    { run: "create ingress front --rule='a.example/=plain:80'", says: /ingress.networking.k8s.io\/front created/ },
    { run: 'create configmap settings', code: 1, says: /configmaps "settings" already exists/ },
    { run: 'create configmap dry --dry-run=server -o yaml', says: /uid: / },
    { run: 'create configmap dry --dry-run=client -o name', says: /^configmap\/dry$/m },
    { run: 'create -f - --validate=strict', code: 1, input: json({ ...configMap('bad', {}), dat: 1 }), says: /unknown field "dat"/ },
    { run: 'create -f - --save-config', input: json(configMap('saved', { a: '1' })), says: /configmap\/saved created/ },
  ],
  'applies, compares and edits': [
    { run: 'apply -f DIR/web.json', says: /deployment.apps\/web created/ },
    { run: 'apply -f DIR/web.json', says: /deployment.apps\/web unchanged/ },
    { run: 'diff -f DIR/web-2.json', code: 1, says: /^\+ +replicas: 2$/m },
    { run: 'diff --server-side --force-conflicts -f DIR/web-2.json', code: 1, says: /^\+ +replicas: 2$/m },
    { run: 'diff -f DIR/web.json' },
    { run: 'apply -f DIR/web-2.json --dry-run=server', says: /configured \(server dry run\)/ },
    { run: 'apply -f DIR/pair.json', says: /configmap\/one created\nconfigmap\/two created/ },
    { run: 'apply view-last-applied configmap one', says: /a: "1"/ },
    { run: 'apply --server-side -f DIR/pair.json --force-conflicts', says: /configmap\/one serverside-applied/ },
    { run: 'kustomize DIR/kustom', says: /name: k-base/ },
    { run: 'apply -k DIR/kustom', says: /configmap\/k-base created/ },
    { run: 'get -k DIR/kustom -o name', says: /configmap\/k-made-/ },
    { run: 'diff -k DIR/kustom' },
    { run: 'delete -k DIR/kustom', says: /configmap "k-base" deleted/ },
    { run: 'edit configmap one', env: { KUBE_EDITOR: 'sed -i \'s/a: "1"/a: edited/\'' }, says: /configmap\/one edited/ },
    { run: 'get configmap one -o jsonpath={.data.a}', says: /^edited$/ },
    { run: 'edit configmap one', env: { KUBE_EDITOR: 'true' }, says: /Edit cancelled, no changes made/ },
  ],
  'patches, replaces, labels and annotates': [
    { run: `patch configmap two -p '{"data":{"b":"1"}}'`, says: /configmap\/two patched$/m },
    { run: `patch configmap two -p '{"data":{"b":"1"}}'`, says: /patched \(no change\)/ },
    { run: `patch configmap two --type=merge -p '{"data":{"b":null}}'`, says: /patched/ },
    { run: `patch configmap two --type=json -p '[{"op":"add","path":"/data/c","value":"3"}]'`, says: /patched/ },
    { run: 'get configmap two -o jsonpath={.data}', says: /^\{"a":"2","c":"3"\}$/ },
    {
      run: `patch configmap two --type=json -p '[{"op":"test","path":"/data/c","value":"4"}]'`,
      code: 1,
      says: /The request is invalid: the server rejected our request/,
    },
    { run: `patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'`, says: /patched/ },
    { run: 'get deployment web --subresource=scale -o jsonpath={.kind}', says: /^Scale$/ },
    { run: 'replace -f -', input: json(configMap('one', { z: '26' })), says: /configmap\/one replaced/ },
    { run: 'replace --force -f -', input: json(configMap('one', { z: '27' })), says: /configmap\/one replaced/ },
    { run: 'label configmap one tier=front', says: /configmap\/one labeled/ },
    { run: 'label configmap one tier=back', code: 1, says: /already has a value \(front\), and --overwrite is false/ },
    { run: 'label configmap one tier=back --overwrite --resource-version=1', code: 1, says: /the object has been modified/ },
    { run: 'label configmap --all seen=yes', says: /configmap\/two labeled/ },
    { run: 'label configmap one --list', says: /^tier=front$/m },
    { run: 'label configmap one tier-', says: /configmap\/one unlabeled/ },
    { run: 'annotate configmap one note=hi', says: /configmap\/one annotate/ },
    { run: 'annotate configmap one note-', says: /configmap\/one annotate/ },
    { run: 'label configmap one bad/key/x=1', code: 1, says: /a valid label key must consist of/ },
  ],
  'shows objects in every form': [
    { run: 'get configmaps one two', says: /^NAME +DATA +AGE\none +1 +\S+\ntwo +2 +\S+\n$/ },
    { run: 'get deployment web -o wide', says: /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR\n/ },
    { run: 'get configmap one -o json', says: /^\{\n {4}"apiVersion": "v1",/ },
    { run: 'get configmap one -o yaml --show-managed-fields', says: /managedFields:/ },
    { run: "get configmaps one two -o jsonpath='{range .items[*]}{.metadata.name},{end}'", says: /^one,two,$/ },
    { run: 'get configmap two -o jsonpath-as-json={.data.c}', says: /"3"/ },
    { run: "get configmaps -o go-template='{{range .items}}{{.metadata.name}} {{end}}'", says: /one .*two/ },
    { run: 'get configmaps one -o custom-columns=N:.metadata.name,Z:.data.z --no-headers', says: /^one +27\n$/ },
    { run: 'get configmaps,secrets --sort-by=.metadata.name -o name', says: /secret\/cert/ },
    { run: 'get configmaps --chunk-size=1 -o name', says: /configmap\/one\n[\s\S]*configmap\/two/ },
    { run: 'get configmaps --field-selector=metadata.name=two -o name', says: /^configmap\/two\n$/ },
    { run: 'get configmaps -l tier=none', says: /No resources found in tour\d+ namespace/ },
    { run: "get configmaps -l 'seen in (yes),tier notin (x)' -o name", says: /^configmap\/one$/m },
    { run: 'get configmaps -L seen --show-labels', says: /SEEN +LABELS/ },
    { run: 'get configmap nothing', code: 1, says: /Error from server \(NotFound\): configmaps "nothing" not found/ },
    { run: 'get configmap nothing --ignore-not-found' },
    { run: 'get all -A', says: /service\/kubernetes/ },
    { run: 'get -f DIR/pair.json', says: /^one +1/m },
    { run: 'get configmap one --watch --request-timeout=1s', says: /^one +1/m, code: 0 },
    { run: 'describe configmap one', says: /Name: +one\nNamespace: +tour/ },
    { run: 'describe deployment web', says: /StrategyType: +RollingUpdate/ },
  ],
  'rolls out, scales and exposes': [
    { run: 'rollout status deployment/web --timeout=60s', says: /successfully rolled out/ },
    { run: 'wait deployment/web --for=condition=Available --timeout=30s', says: /deployment.apps\/web condition met/ },
    { run: "wait deployment/web --for=jsonpath='{.status.readyReplicas}'=1 --timeout=30s", says: /condition met/ },
    { run: 'wait configmap/one --for=create --timeout=5s', says: /condition met/, from: 31 },
    { run: 'wait pod -l app=web --for=condition=Ready=true --timeout=30s', says: /condition met/ },
    { run: 'wait configmap/nothing --for=delete --timeout=1s' },
    { run: 'wait deployment/web --for=condition=Never --timeout=1s', code: 1, says: /timed out waiting for the condition/ },
    { run: 'set env deployment/web A=1', says: /deployment.apps\/web env updated/ },
    { run: 'set env deployment/web --list', says: /^A=1$/m },
    { run: 'set resources deployment/web --requests=cpu=1m', says: /resource requirements updated/ },
    { run: `set image deployment/made *=${TEST_IMAGE}2`, says: /image updated/ },
    { run: 'set serviceaccount deployment made robot', says: /serviceaccount updated/ },
    { run: 'set subject rolebinding maker --user=bob', says: /subjects updated/ },
    { run: 'set selector service plain app=web', says: /selector updated/ },
    { run: 'rollout history deployment/web', says: /REVISION +CHANGE-CAUSE\n/ },
    { run: 'rollout undo deployment/web', says: /deployment.apps\/web rolled back/ },
    { run: 'rollout pause deployment/web', says: /paused/ },
    { run: 'rollout resume deployment/web', says: /resumed/ },
    { run: 'rollout restart deployment/web', says: /restarted/ },
    { run: 'rollout status deployment/web --timeout=60s', says: /successfully rolled out/ },
    { run: 'scale deployment web --replicas=2', says: /deployment.apps\/web scaled/ },
    { run: 'scale deployment web --replicas=3 --current-replicas=9', code: 1, says: /Expected replicas to be 9, was 2/ },
    { run: 'autoscale deployment web --min=2 --max=3', says: /horizontalpodautoscaler.autoscaling\/web autoscaled/ },
    { run: 'get hpa web', says: /^web +Deployment\/web/m },
    { run: 'delete hpa web', says: /deleted/ },
    { run: 'expose deployment web --name=shown --port=80 --target-port=8080', says: /service\/shown exposed/ },
    { run: 'get endpointslices -l kubernetes.io/service-name=shown', says: /IPv4 +8080/ },
    { run: 'events --for deployment/web', says: /ScalingReplicaSet/ },
    { run: 'get events --sort-by=.metadata.creationTimestamp', says: /LAST SEEN +TYPE +REASON +OBJECT +MESSAGE/ },
  ],
  'works in pods': [
    { run: `run box --image=${TEST_IMAGE} --restart=Never --command -- sh -c '${WAIT}'`, says: /pod\/box created/ },
    { run: 'wait pod/box --for=condition=Ready --timeout=30s', says: /condition met/ },
    { run: 'exec box -- sh -c "echo;exit;3"', code: 127, says: /command terminated with exit code 127/ },
    { run: 'exec -i box -- cat', input: 'through stdin', says: /^through stdin/ },
    { run: 'cp DIR/settings/color box:/tmp/color' },
    { run: 'exec box -- cat /tmp/color', says: /^blue$/m },
    { run: 'cp box:/tmp/color DIR/color-back' },
    { run: 'logs box --tail=1 --timestamps' },
    { run: 'logs deployment/web --all-containers --prefix --since=1h' },
    { run: `debug box --image=${TEST_IMAGE} --profile=general -c probe -- sh -c true`, says: /^$|Defaulting|probe|profile/ },
    { run: 'get pod box -o jsonpath={.spec.ephemeralContainers[0].name}', says: /^probe$/ },
    { run: `debug box --copy-to=twin --container=box --image=${TEST_IMAGE} -- sh -c true` },
    { run: 'get pod twin -o name', says: /pod\/twin/ },
    { run: 'delete pod box twin --now', says: /pod "twin"/ },
    { run: 'delete pod nothing', code: 1, says: /pods "nothing" not found/ },
  ],
  'asks who may what, and signs': [
    { run: 'auth can-i create pods', says: /^yes$/m },
    { run: 'auth can-i delete pods --as=jane', code: 1, says: /^no/m },
    { run: 'auth can-i create pods --as=system:serviceaccount:NAME:robot', says: /^yes$/m },
    { run: 'auth can-i --list --as=system:serviceaccount:NAME:robot', says: /^pods +\[\] +\[\] +\[create\]$/m },
    { run: 'auth whoami', says: /Username +system:admin/, from: 28 },
    { run: 'auth reconcile -f DIR/role.yaml', says: /role.rbac.authorization.k8s.io\/reader reconciled/ },
    { run: 'get role reader -o jsonpath={.rules[0].verbs}', says: /\["get","list"\]/ },
    { run: 'get pods --as=jane', code: 1, says: /User "jane" cannot list resource "pods" in API group "" in the namespace/ },
    { run: 'create -f DIR/csr-yes.json', says: /created/ },
    { run: 'create -f DIR/csr-no.json', says: /created/ },
    { run: 'certificate approve NAME-yes', says: /approved/ },
    { run: 'certificate deny NAME-no', says: /denied/ },
    { run: "wait csr/NAME-yes --for=jsonpath='{.status.conditions[0].type}'=Approved --timeout=10s", says: /condition met/ },
    { run: 'get csr NAME-no', says: /Denied/ },
    { run: 'delete csr NAME-yes NAME-no', says: /deleted/ },
  ],
  'tends nodes': [
    { run: 'create -f DIR/node.json', says: /node\/tour\d+ created/ },
    { run: 'cordon NAME', says: /node\/tour\d+ cordoned/ },
    { run: 'get node NAME', says: /SchedulingDisabled/ },
    { run: 'drain NAME --ignore-daemonsets --timeout=20s', says: /node\/tour\d+ drained/ },
    { run: 'uncordon NAME', says: /node\/tour\d+ uncordoned/ },
    { run: 'taint node NAME busy=yes:NoSchedule', says: /node\/tour\d+ tainted/ },
    { run: 'taint node NAME busy=no:NoSchedule', code: 1, says: /already has busy taint\(s\)/ },
    { run: 'taint node NAME busy-', says: /node\/tour\d+ untainted/ },
    { run: 'describe node NAME', says: /Unschedulable: +false/ },
    { run: 'get nodes', says: /^node1 +Ready/m },
    { run: 'delete node NAME', says: /deleted/ },
  ],
  'deletes in every form': [
    { run: 'delete configmap one two', says: /configmap "two" deleted/ },
    { run: 'delete deployment made --cascade=orphan', says: /deleted/ },
    { run: 'delete job once --cascade=foreground --wait=false', says: /deleted/ },
    { run: 'delete secrets --all', says: /secret "cert" deleted/ },
    { run: 'delete deployment -l app=web --dry-run=server', says: /deleted.* \(server dry run\)/ },
    { run: 'delete deployment,service -l app=web', says: /deployment.apps "web" deleted/ },
    { run: 'delete -f DIR/web.json --ignore-not-found' },
    { run: 'delete clusterrole/NAME clusterrolebinding/NAME priorityclass/NAME', says: /deleted/ },
  ],
};
