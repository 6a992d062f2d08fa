# The official Python client as a user of the cluster: what it does and sees, one JSON line a step. Usage: python-client.py KUBECONFIG NAMESPACE IMAGE

import json
import sys
import time

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import stream

KUBECONFIG, NAMESPACE, IMAGE = sys.argv[1:4]


def tell(step, **seen):
    print(json.dumps({"step": step, **seen}), flush=True)


config.load_kube_config(KUBECONFIG)
core, apps, policy = client.CoreV1Api(), client.AppsV1Api(), client.PolicyV1Api()
custom, extensions = client.CustomObjectsApi(), client.ApiextensionsV1Api()

tell("version", git=client.VersionApi().get_code().git_version)
tell("nodes", names=[node.metadata.name for node in core.list_node().items])
core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))

labels = {"app": "python"}
container = client.V1Container(
    name="main", image=IMAGE, command=["sh", "-c", "echo hello from python; exec sleep 3600"]
)
spec = client.V1DeploymentSpec(
    replicas=1,
    selector=client.V1LabelSelector(match_labels=labels),
    template=client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels=labels),
        spec=client.V1PodSpec(containers=[container], termination_grace_period_seconds=0),
    ),
)
apps.create_namespaced_deployment(NAMESPACE, client.V1Deployment(metadata=client.V1ObjectMeta(name="python"), spec=spec))
scale = apps.patch_namespaced_deployment_scale("python", NAMESPACE, {"spec": {"replicas": 2}})
tell("scale", replicas=scale.spec.replicas)

ready = set()
for event in watch.Watch().stream(core.list_namespaced_pod, NAMESPACE, label_selector="app=python", timeout_seconds=60):
    conditions = event["object"].status.conditions or []
    if any(condition.type == "Ready" and condition.status == "True" for condition in conditions):
        ready.add(event["object"].metadata.name)
    if len(ready) == 2:
        break
tell("watch", ready=len(ready))

pod = sorted(ready)[0]
tell("log", text=core.read_namespaced_pod_log(pod, NAMESPACE).strip())
out = stream(
    core.connect_get_namespaced_pod_exec, pod, NAMESPACE, command=["sh", "-c", "echo out; echo err >&2"],
    stderr=True, stdin=False, stdout=True, tty=False,
)
tell("exec", lines=sorted(out.split()))

first = core.list_namespaced_config_map(NAMESPACE, limit=1)
for number in range(3):
    core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"c{number}"), data={"n": str(number)}))
pages, token = 0, None
while True:
    page = core.list_namespaced_config_map(NAMESPACE, limit=1, _continue=token)
    pages, token = pages + 1, page.metadata._continue
    if not token:
        break
tell("pages", count=pages)

try:
    core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="c0")))
except ApiException as error:
    tell("conflict", status=error.status, reason=json.loads(error.body)["reason"])

core.create_namespaced_pod_eviction(pod, NAMESPACE, client.V1Eviction(metadata=client.V1ObjectMeta(name=pod, namespace=NAMESPACE)))
tell("evicted")

group, plural = "python.example.com", "gadgets"
schema = client.V1JSONSchemaProps(
    type="object",
    properties={"spec": client.V1JSONSchemaProps(type="object", properties={"size": client.V1JSONSchemaProps(type="integer", maximum=9)})},
)
extensions.create_custom_resource_definition(
    client.V1CustomResourceDefinition(
        metadata=client.V1ObjectMeta(name=f"{plural}.{group}"),
        spec=client.V1CustomResourceDefinitionSpec(
            group=group,
            scope="Namespaced",
            names=client.V1CustomResourceDefinitionNames(plural=plural, singular="gadget", kind="Gadget"),
            versions=[
                client.V1CustomResourceDefinitionVersion(
                    name="v1", served=True, storage=True, schema=client.V1CustomResourceValidation(open_apiv3_schema=schema)
                )
            ],
        ),
    )
)
for _ in range(100):
    found = extensions.read_custom_resource_definition(f"{plural}.{group}")
    if any(c.type == "Established" and c.status == "True" for c in found.status.conditions or []):
        break
    time.sleep(0.1)
gadget = {"apiVersion": f"{group}/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": {"size": 3, "unknown": True}}
made = custom.create_namespaced_custom_object(group, "v1", NAMESPACE, plural, gadget)
tell("custom", spec=made["spec"])
try:
    custom.patch_namespaced_custom_object(group, "v1", NAMESPACE, plural, "g", {"spec": {"size": 10}})
except ApiException as error:
    tell("invalid", status=error.status, message=json.loads(error.body)["message"])

gadgets = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version=f"{group}/v1", kind="Gadget")
tell("dynamic", names=[item.metadata.name for item in gadgets.get(namespace=NAMESPACE).items])

extensions.delete_custom_resource_definition(f"{plural}.{group}")
core.delete_namespace(NAMESPACE)
tell("done")
