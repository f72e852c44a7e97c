"""Cutting back references that do nothing: what they say, another resource says already or a service does by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Edge,
    EditBuilder,
    Path,
    Ref,
    Resource,
    Scalar,
    Sequence,
    Sub,
    UpdateEffect,
    intrinsic,
    references,
    sub_template,
    text_of,
)
from remediator.transforms.cycles.component import COSTS, Component, Cut, Plan, condition_of

_COST = COSTS["drop a back reference that does nothing"]


def cuts(component: Component) -> Iterator[Cut]:
    for index, edge in enumerate(component.edges):
        source, target = component.resource(edge.source), component.resource(edge.target)
        if source is None or target is None or edge.reference.kind == "DependsOn":
            continue
        for way in (_group_as_target, _api_quick_create, _api_names_itself):
            cut = way(component, index, edge, source, target)
            if cut:
                yield cut
    yield from _secret_endpoints(component)


def _group_as_target(component: Component, index: int, edge: Edge, group: Resource, scaling: Resource) -> Cut | None:
    """A target group lists an Auto Scaling group, which registers its instances itself (and is no valid target).

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-load-balancer.html
    """
    types = ("AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::AutoScaling::AutoScalingGroup")
    targets, path = group.property("Targets"), edge.property_path
    if (group.type, scaling.type) != types or path[1:2] != ("Targets",) or not isinstance(targets, Sequence):
        return None
    registered = scaling.property("TargetGroupARNs")
    named = references(registered, component.template.source.text) if registered else ()
    position = path[2]
    if group.logical_id not in [each.target for each in named] or not isinstance(position, int):
        return None

    def make(plan: Plan) -> None:
        if group.properties is not None:
            plan.builder.remove_item(group.properties, "Targets", position, (*group.path, "Properties"))

    step = f"drop {scaling.logical_id} from the Targets of {group.logical_id}, where it registers its instances itself"
    return Cut(frozenset({index}), _COST, step, make)


def _api_quick_create(component: Component, index: int, edge: Edge, api: Resource, integration: Resource) -> Cut | None:
    """An HTTP API's ``Target`` (quick create) names an integration that the template creates itself.

    Without it the default route and stage, which quick create makes, have to be in the template.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html
    """
    types = ("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration")
    if (api.type, integration.type) != types or edge.property_path[1:2] != ("Target",) or api.properties is None:
        return None
    route_key = text_of(api.property("RouteKey"))
    if api.property("RouteKey") is not None and route_key is None:
        return None
    routed = _belongs(component, "AWS::ApiGatewayV2::Route", api.logical_id, integration.logical_id)
    staged = _belongs(component, "AWS::ApiGatewayV2::Stage", api.logical_id)
    condition = condition_of(api, integration)
    if condition is None:
        return None

    def make(plan: Plan) -> None:
        builder, properties = plan.builder, api.properties
        if properties is None:
            return
        path = (*api.path, "Properties")
        builder.remove_entry(properties, "Target", path)
        if route_key:
            builder.remove_entry(properties, "RouteKey", path)
        if not routed:
            name = builder.new_logical_id(f"{api.logical_id}DefaultRoute")
            target = Sub(f"integrations/${{{integration.logical_id}}}")
            route = {"ApiId": Ref(api.logical_id), "RouteKey": route_key or "$default", "Target": target}
            value = {"Type": "AWS::ApiGatewayV2::Route", **condition, "Properties": route}
            builder.add_resource(name, value, after=integration.logical_id)
            plan.add(name, {api.logical_id, integration.logical_id})
        if not staged:
            name = builder.new_logical_id(f"{api.logical_id}DefaultStage")
            stage = {"ApiId": Ref(api.logical_id), "StageName": "$default", "AutoDeploy": True}
            value = {"Type": "AWS::ApiGatewayV2::Stage", **(condition_of(api) or {}), "Properties": stage}
            builder.add_resource(name, value, after=integration.logical_id)
            plan.add(name, {api.logical_id})

    step = f"drop the quick-create Target of {api.logical_id}; {integration.logical_id} is attached by its route"
    return Cut(frozenset({index}), _COST, step, make, effect=UpdateEffect.INTERRUPTION)


def _belongs(component: Component, kind: str, *names: str) -> bool:
    """Whether some resource of a type references all of these."""
    text = component.template.source.text
    for resource in component.template.resources.values():
        if resource.type == kind and set(names) <= {each.target for each in references(resource.node, text)}:
            return True
    return False


_OWN_ARN = re.compile(
    r"arn:(?:aws|\$\{AWS::Partition\}):execute-api:(?:\$\{[^}]*\}|[^:$])*:(?:\$\{[^}]*\}|[^:$])*:\$\{(\w+)\}(?=/)"
)


def _api_names_itself(component: Component, index: int, edge: Edge, api: Resource, target: Resource) -> Cut | None:
    """The resource policy of a REST API names the API's own ARN, which it may leave out.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
    """
    if api is not target or api.type != "AWS::ApiGateway::RestApi" or edge.property_path[1:2] != ("Policy",):
        return None
    call = intrinsic(edge.reference.node)
    template = call.argument if call and call.name == "Fn::Sub" else None
    if not isinstance(template, Scalar) or not _OWN_ARN.match(template.value):
        return None
    text = _OWN_ARN.sub("execute-api:", template.value)

    def make(plan: Plan) -> None:
        value = Sub(text) if "${" in text else text
        plan.builder.replace(edge.reference.node, value, edge.reference.path[:-1])

    return Cut(frozenset({index}), _COST, f"write the own ARN in the policy of {api.logical_id} as execute-api:/…", make)


_MEMBER = r"""\s*"(?:host|port)"\s*:\s*"?\$\{%s\.Endpoint\.(?:Address|Port)\}"?\s*"""
_DATABASES = ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster")


def _secret_endpoints(component: Component) -> Iterator[Cut]:
    """A secret's text repeats the endpoint of its database, which an attachment writes into it by itself.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secrettargetattachment.html
    """
    for name in component.members:
        secret = component.resource(name)
        if secret is None or secret.type != "AWS::SecretsManager::Secret":
            continue
        for database in component.members:
            edges = {i for i, e in enumerate(component.edges) if (e.source, e.target) == (name, database)}
            cut = _without_endpoint(component, secret, database, edges) if edges else None
            if cut:
                yield cut


def _without_endpoint(component: Component, secret: Resource, database: str, edges: set[int]) -> Cut | None:
    if component.type_of(database) not in _DATABASES:
        return None
    node = secret.property("SecretString")
    call = intrinsic(node) if node else None
    found = sub_template(call) if call else None
    if found is None:
        return None
    template = found[0]
    left = _members(database).sub("", template.value)
    if any(component.edges[i].reference.node is not node for i in edges) or f"${{{database}." in left:
        return None
    attached = _belongs(component, "AWS::SecretsManager::SecretTargetAttachment", secret.logical_id, database)
    condition = condition_of(secret, component.template.resources[database])
    if condition is None:
        return None

    def make(plan: Plan) -> None:
        _leave_out(plan.builder, template, database, left, (*secret.path, "Properties", "SecretString"))
        if not attached:
            name = plan.builder.new_logical_id(f"{secret.logical_id}Attachment")
            properties = {
                "SecretId": Ref(secret.logical_id),
                "TargetId": Ref(database),
                "TargetType": component.type_of(database),
            }
            value = {"Type": "AWS::SecretsManager::SecretTargetAttachment", **condition, "Properties": properties}
            plan.builder.add_resource(name, value, after=database)
            plan.add(name, {secret.logical_id, database})

    step = f"let a SecretTargetAttachment write host and port of {database} into {secret.logical_id}"
    return Cut(frozenset(edges), COSTS["let a service fill in what a text repeats"], step, make)


def _members(database: str) -> re.Pattern[str]:
    """Host and port of a database in a JSON text, with the comma after them or, at the end, the one before."""
    member = _MEMBER % database
    return re.compile(rf"{member},|,{member}(?=\s*\}})")


def _leave_out(builder: EditBuilder, template: Scalar, database: str, left: str, path: Path) -> None:
    if template.style == "|":  # its text stands in the file as it is
        for match in _members(database).finditer(builder.source.text, template.start, template.end):
            builder.replace_text(match.start(), match.end(), "", path)
    elif template.tag:
        builder.replace(template, Sub(left), path)
    else:
        builder.replace(template, left, path)
