// What strict reading tells of unknown and duplicate fields on every way of writing, of built-in kinds and of custom ones: texts, and their order.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, type CustomWorld, definitionOf, startCustomWorld } from '../support/custom-world.ts';

let world: CustomWorld;
before(async () => {
  world = await startCustomWorld();
});
after(() => world.stop());

const STRICT = 'strict decoding error: ';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

interface Write {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly text: string;
  readonly type?: string;
}

const send = ({ method, path, text, type }: Write, validation: string): Promise<Answer> =>
  world.call(method, `${path}?fieldManager=m&fieldValidation=${validation}`, text, type === undefined ? {} : { type });

/** Strictly the write is refused with all findings at the end of one message; otherwise each is a warning; ignored nothing is said. */
async function tells(write: Write, code: number, { strict, warnings }: { strict: string; warnings: readonly string[] }): Promise<void> {
  const refused = await send(write, 'Strict');
  assert.deepEqual([refused.code, refused.body.message.slice(-strict.length)], [code, strict]);
  assert.deepEqual((await send({ ...write, path: write.path }, 'Warn')).warnings, warnings);
  assert.deepEqual((await send(write, 'Ignore')).warnings, []);
}

const all = (...findings: string[]) => ({ strict: STRICT + findings.join(', '), warnings: findings });
const unknown = (path: string): string => `unknown field "${path}"`;
const duplicate = (path: string): string => `duplicate field "${path}"`;

describe('strict reading of a Deployment', () => {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const own = `${path}/strict`;
  const head = '"apiVersion":"apps/v1","kind":"Deployment"';
  const selector = '"selector":{"matchLabels":{"app":"a"}}';
  const labels = '"metadata":{"labels":{"app":"a"}}';
  const odd = '"odd":1,"twice":1,"twice":2,"paused":true,"paused":false';
  const container = '{"name":"a","image":"a","nested":1,"imagePullPolicy":"Always","imagePullPolicy":"Never"}';
  const body = (metadata: string): string =>
    `{${head},"metadata":{${metadata}},"spec":{${odd},${selector},"template":{${labels},"spec":{"containers":[${container}]}}}}`;
  const template = 'spec.template.spec.containers[0]';

  before(async () => {
    const valid = body('"name":"strict"').replace(`${odd},`, '').replace('"nested":1,', '').replace('"imagePullPolicy":"Always",', '');
    assert.equal((await send({ method: 'POST', path, text: valid }, 'Strict')).code, 201);
  });

  const inOrder = all(
    duplicate('metadata.name'),
    unknown('metadata.odd'),
    unknown('spec.odd'),
    unknown('spec.twice'),
    duplicate('spec.paused'),
    unknown(`${template}.nested`),
    duplicate(`${template}.imagePullPolicy`),
  );

  it('tells of a new object in the order of its text', () =>
    tells({ method: 'POST', path, text: body('"generateName":"x-","name":"b","name":"","odd":1') }, 400, inOrder));

  it('tells of an object that replaces another', () =>
    tells({ method: 'PUT', path: own, text: body('"name":"x","name":"strict","odd":1') }, 400, inOrder));

  it('tells of YAML what occurs twice, then what is not known in the order of its names', async () => {
    const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  generateName: y-
spec:
  odd: 1
  twice: 1
  twice: 2
  paused: true
  paused: false
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers:
      - name: a
        image: a
        nested: 1
        imagePullPolicy: Always
        imagePullPolicy: Never
`;
    const lines = ['line 8: key "twice"', 'line 10: key "paused"', 'line 20: key "imagePullPolicy"'].map(
      (line) => `${line} already set in map`,
    );
    const rest = [unknown('spec.odd'), unknown(`${template}.nested`), unknown('spec.twice')];
    const strict = `${STRICT}yaml: unmarshal errors:\n  ${lines.join('\n  ')}, ${rest.join(', ')}`;
    await tells({ method: 'POST', path, text, type: 'application/yaml' }, 400, { strict, warnings: [...lines, ...rest] });
  });

  const spec = `"spec":{${odd},"template":{"spec":{"containers":[${container}]}}}`;
  const patchFindings = all(
    duplicate('spec.twice'),
    duplicate('spec.paused'),
    duplicate(`${template}.imagePullPolicy`),
    unknown('spec.odd'),
    unknown(`${template}.nested`),
    unknown('spec.twice'),
  );
  for (const type of [MERGE, STRATEGIC]) {
    it(`tells of a patch what occurs twice in it, then what is not known of its result: ${type}`, () =>
      tells({ method: 'PATCH', path: own, text: `{${spec}}`, type }, 422, patchFindings));
  }

  it('tells of a JSON patch what is odd in its operations, then what is not known of its result', () => {
    const text = `[{"op":"add","path":"/spec/odd","value":1,"foo":1},{"op":"add","path":"/x","path":"/spec/b","value":1},
      {"op":"add","path":"/spec/paused","value":true}]`;
    const findings = all(
      'json patch unknown field "[0].foo"',
      'json patch duplicate field "[1].path"',
      unknown('spec.b'),
      unknown('spec.odd'),
    );
    return tells({ method: 'PATCH', path: own, text, type: JSON_PATCH }, 422, findings);
  });

  it('shows the result of a patch that is no object of its kind, and a strategic patch itself', async () => {
    const text = '{"spec":{"replicas":"many"}}';
    const why = 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32';
    const merged = await send({ method: 'PATCH', path: own, text, type: MERGE }, 'Ignore');
    assert.deepEqual([merged.code, merged.body.reason], [422, 'Invalid']);
    assert.ok(
      merged.body.message.startsWith(' "" is invalid: patch: Invalid value: "{\\"apiVersion\\":\\"apps/v1\\",\\"kind\\":\\"Deployment\\",'),
    );
    assert.ok(merged.body.message.endsWith(why), merged.body.message);
    const strategic = await send({ method: 'PATCH', path: own, text, type: STRATEGIC }, 'Ignore');
    assert.equal(strategic.body.message, ` "" is invalid: patch: Invalid value: "map[spec:map[replicas:many]]": ${why}`);
  });

  it('reads no patch but an applied configuration as YAML', async () => {
    const { code, body: status } = await send({ method: 'PATCH', path: own, text: 'spec: {}', type: MERGE }, 'Ignore');
    assert.deepEqual([code, status.message], [400, "error decoding patch: invalid character 's' looking for beginning of value"]);
  });

  it('tells of an applied configuration what occurs twice by its lines, also in JSON', async () => {
    const text = `{\n${head},\n"metadata":{"name":"applied"},\n"spec":{\n"paused":true,\n"paused":false,\n${selector},
      "template":{${labels},"spec":{"containers":[{"name":"a",\n"image":"b","image":"a"}]}}}}`;
    const lines = ['line 6: key "paused" already set in map', 'line 9: key "image" already set in map'];
    const strict = `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${lines.join('\n  ')}`;
    const write: Write = { method: 'PATCH', path: `${path}/applied`, text, type: APPLY };
    await tells(write, 400, { strict, warnings: lines });
    // What is wrong otherwise comes first.
    const wrong = await send({ ...write, text: text.replace('"paused":true', '"odd":true') }, 'Strict');
    assert.deepEqual([wrong.code, /\.spec\.odd: field not declared in schema$/.test(wrong.body.message)], [500, true]);
  });
});

describe('strict reading of a custom object', () => {
  const group = 'strict.example.com';
  const path = `/apis/${group}/v1/namespaces/default/widgets`;
  const port = { type: 'object', properties: { hostPort: { type: 'integer' } } };
  const fields = { known: { type: 'string' }, ports: { type: 'array', items: port } };
  const odd = '"odd":1,"twice":1,"twice":2,"known":"a","known":"b","ports":[{"hostPort":1,"hostPort":2,"nested":1}]';
  const rest = [unknown('spec.odd'), unknown('spec.ports[0].nested'), unknown('spec.twice')];
  const findings = all(duplicate('spec.twice'), duplicate('spec.known'), duplicate('spec.ports[0].hostPort'), ...rest);

  before(async () => {
    await world.define(definitionOf(group, { schema: { type: 'object', properties: { spec: { type: 'object', properties: fields } } } }));
    const text = `{"apiVersion":"${group}/v1","kind":"Widget","metadata":{"name":"own"}}`;
    assert.equal((await send({ method: 'POST', path, text }, 'Strict')).code, 201);
  });

  it('tells what occurs twice, known or not, then what is not known', () => {
    const text = `{"apiVersion":"${group}/v1","kind":"Widget","metadata":{"generateName":"w-"},"spec":{${odd}}}`;
    return tells({ method: 'POST', path, text }, 400, findings);
  });

  it('tells of a merge patch the same', () =>
    tells({ method: 'PATCH', path: `${path}/own`, text: `{"spec":{${odd}}}`, type: MERGE }, 422, findings));

  it('tells of YAML the lines of what occurs twice, then what is not known', () => {
    const text = `apiVersion: ${group}/v1\nkind: Widget\nmetadata:\n  generateName: w-\nspec:\n  odd: 1\n  twice: 1\n  twice: 2\n  known: a\n`;
    const line = 'line 8: key "twice" already set in map';
    const left = [unknown('spec.odd'), unknown('spec.twice')];
    const strict = `${STRICT}yaml: unmarshal errors:\n  ${line}, ${left.join(', ')}`;
    return tells({ method: 'POST', path, text, type: 'application/yaml' }, 400, { strict, warnings: [line, ...left] });
  });
});
