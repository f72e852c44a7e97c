"""COM008: services and the tasks that they run, which do not fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    Context,
    Copy,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Sequence,
    Template,
    intrinsic,
)
from remediator.transforms.combinations.known import Known, holds, inner, is_absent, plain, refuted, targets

_SERVICE = "AWS::ECS::Service"
_TASK = "AWS::ECS::TaskDefinition"
_DRIVERS = ("awslogs", "splunk", "awsfirelens")
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-logging (2026-11)"""

_BEFORE = """\
Resources:
  Tasks:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: "512"
      Memory: "1024"
      ContainerDefinitions:
        - Name: web
          Image: public.ecr.aws/nginx/nginx:stable

  Web:
    Type: AWS::ECS::Service
    Properties:
      LaunchType: FARGATE
      TaskDefinition: !Ref Tasks
      NetworkConfiguration:
        AwsvpcConfiguration:
          Subnets: !Split [",", !ImportValue subnets]
"""
_AFTER = _BEFORE.replace('Cpu: "512"\n', 'RequiresCompatibilities:\n        - FARGATE\n      Cpu: "512"\n', 1)


class ServiceAndTask(Pass):
    """A service runs tasks that are not made for it, or a task has ports or containers that do not fit its network.

    A task definition that a service runs on Fargate, and that has another network mode than `awsvpc`, gets
    `RequiresCompatibilities`; COM002 then gives it the network mode that Fargate has. A host port in the network mode `awsvpc`
    becomes that of the container, which is the only one possible there; the only container of a task is essential. Which
    subnets a service should use, and where it should log, is a question.
    """

    code = "COM008"
    name = "service-and-task"
    profile = "deploy"
    answers = ("E3042", "E3052", "E3053", "E3054", "E3713")
    sources = (
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html",
    )
    examples = (Example("A task for Fargate that does not say so", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if template.has_custom_macro:
            return
        seen: set[str] = set()
        for service in template.resources.values():
            if service.type == _SERVICE:
                for task in (each for each in targets(template, service.property("TaskDefinition")) if each.type == _TASK):
                    yield from self._service(template, service, task, seen)
        for task in template.resources.values():
            if task.type == _TASK:
                yield from self._ports(template, task)
                yield from self._drivers(template, task)
                yield from self._essential(template, task)

    def _service(self, template: Template, service: Resource, task: Resource, seen: set[str]) -> Iterator[Finding]:
        fargate = holds(template, service.property("LaunchType"), ["FARGATE"]) is Known.YES
        mapped = refuted(template, task.property("NetworkMode"), ["awsvpc"])
        if fargate and mapped and task.properties and task.logical_id not in seen:
            seen.add(task.logical_id)
            yield from self._compatibility(template, service, task, task.properties)
        network = holds(template, task.property("NetworkMode"), ["awsvpc"]) is Known.YES
        if network and is_absent(service.property("NetworkConfiguration")):
            question = f"in which subnets, and with which security groups, should the tasks of {service.logical_id} run?"
            path = (*service.path, "Properties", "NetworkConfiguration")
            message = f"{service.logical_id} has no NetworkConfiguration, and its tasks have network interfaces of their own"
            yield self.finding(template, path, service.key, message, question)

    def _compatibility(self, template: Template, service: Resource, task: Resource, properties: Mapping) -> Iterator[Finding]:
        node = task.property("RequiresCompatibilities")
        path: Path = (*task.path, "Properties")
        message = f"{service.logical_id} runs {task.logical_id} on Fargate, for which it is not made"
        if is_absent(node):
            remedy = Remedy(
                f"let {task.logical_id} be checked for Fargate",
                lambda b: _require(b, properties, path),
                "ECS refuses the service otherwise",
            )
            yield self.finding(template, (*path, "RequiresCompatibilities"), task.key, message, remedy)
        elif node is not None and refuted(template, node, ["FARGATE"]):
            question = f"should {service.logical_id} run on Fargate, or on what {task.logical_id} is made for?"
            yield self.finding(template, (*path, "RequiresCompatibilities"), node, message, question)

    def _ports(self, template: Template, task: Resource) -> Iterator[Finding]:
        if holds(template, task.property("NetworkMode"), ["awsvpc"]) is not Known.YES:
            return
        for path, container in _containers(task):
            ports = container.get("PortMappings")
            for index, mapping in enumerate(ports.items if isinstance(ports, Sequence) and not intrinsic(ports) else ()):
                host, own = inner(mapping, "HostPort"), inner(mapping, "ContainerPort")
                if _differ(host, own) and host and own:
                    where = (*path, "PortMappings", index, "HostPort")
                    message = f"{task.logical_id} maps port {_shown(own)} to {_shown(host)}, and awsvpc maps no ports"
                    yield self.finding(template, where, host, message, _same_port(host, own, where))

    def _drivers(self, template: Template, task: Resource) -> Iterator[Finding]:
        if holds(template, task.property("RequiresCompatibilities"), ["FARGATE"]) is not Known.YES:
            return
        for path, container in _containers(task):
            driver = inner(container, "LogConfiguration.LogDriver")
            if driver is not None and refuted(template, driver, _DRIVERS):
                message = f"{task.logical_id} logs with a driver that Fargate does not have"
                question = "should the container write to CloudWatch Logs (awslogs), and to which log group?"
                yield self.finding(template, (*path, "LogConfiguration", "LogDriver"), driver, message, question)

    def _essential(self, template: Template, task: Resource) -> Iterator[Finding]:
        found = list(_containers(task))
        listed = task.property("ContainerDefinitions")
        if not found or not isinstance(listed, Sequence) or len(found) != len(listed.items):
            return
        nodes = [container.get("Essential") for _, container in found]
        if not all(isinstance(node, Scalar) and plain(node) == "false" for node in nodes):
            return
        path, message = (*found[0][0], "Essential"), f"no container of {task.logical_id} is essential"
        node = nodes[0]
        assert node is not None
        remedy: Remedy | str = f"which container of {task.logical_id} should the task end with?"
        if len(found) == 1:
            remedy = Remedy("make the container essential", lambda b: b.replace(node, True, path), "the task has no other")
        yield self.finding(template, path, node, message, remedy)


def _require(builder: EditBuilder, properties: Mapping, path: Path) -> None:
    builder.insert_entry(properties, "RequiresCompatibilities", ["FARGATE"], path)


def _containers(task: Resource) -> Iterator[tuple[Path, Mapping]]:
    """The containers of a task that are written out."""
    listed = task.property("ContainerDefinitions")
    if isinstance(listed, Sequence) and not intrinsic(listed):
        for index, item in enumerate(listed.items):
            if isinstance(item, Mapping) and not intrinsic(item):
                yield (*task.path, "Properties", "ContainerDefinitions", index), item


def _differ(host: Node | None, own: Node | None) -> bool:
    """Whether two ports are written out, and not the same."""
    return isinstance(host, Scalar) and isinstance(own, Scalar) and not host.tag and not own.tag and host.value != own.value


def _shown(node: Node) -> str:
    return node.value if isinstance(node, Scalar) else "?"


def _same_port(host: Node, own: Node, path: Path) -> Remedy:
    why = "a task with a network interface of its own is reached at the ports of its containers, whatever stands here"
    return Remedy(f"write HostPort {_shown(own)}", lambda b: b.replace(host, Copy(own), path), why)
