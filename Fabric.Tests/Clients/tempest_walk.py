"""A walk through the cloud with Tempest's client classes, as they come with Debian. Each holds an answer's status, and in compute its body
too, against a schema for the microversion that is spoken. Credentials come from OS_* in the environment. Prints one line a step, and
fails at the first answer that is not as OpenStack's."""
import io
import os
import time
import uuid

from tempest.lib import auth, exceptions
from tempest.lib.services import clients
from tempest.lib.services.compute import base_compute_client
from tempest.lib.services.placement import base_placement_client

tag = uuid.uuid4().hex[:8]
uri = os.environ["OS_AUTH_URL"] + "/v3"
LAST_WITH_GENERATED_KEYS = "2.91"  # from the next version on a key pair is only imported
LAST_WITH_STATISTICS = "2.87"  # from the next version on a hypervisor has other fields than the schemas know


def step(name):
    print(name, flush=True)


def login(username, password, project):
    domain = {"user_domain_name": "Default", "project_domain_name": "Default", "domain_name": "Default"}
    credentials = auth.KeystoneV3Credentials(username=username, password=password, project_name=project, **domain)
    manager = clients.ServiceClients(credentials, uri)
    provider = auth.KeystoneV3AuthProvider(credentials, uri)
    provider.fill_credentials()
    service = {"region": "RegionOne", "auth_provider": provider, "build_interval": 1, "build_timeout": 60}
    for module, kind in clients.tempest_modules().items():
        name = module.replace(".", "_").replace("-", "_")
        catalog = {"identity_v3": "identity", "image_v2": "image"}.get(name, name)
        setattr(manager, name, clients.ClientsFactory(kind.__name__, kind.__all__, service=catalog, **service))
    return manager


def until(what, is_done):
    end = time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < end, f"not within a minute: {what}"
        time.sleep(0.2)


def gone(show, thing):
    try:
        show(thing)
    except exceptions.NotFound:
        return True
    return False


def speaks(compute):
    base_compute_client.COMPUTE_MICROVERSION = compute


admin = login(os.environ["OS_USERNAME"], os.environ["OS_PASSWORD"], os.environ["OS_PROJECT_NAME"])

step("identity")
projects, users, roles = admin.identity_v3.ProjectsClient(), admin.identity_v3.UsersClient(), admin.identity_v3.RolesClient()
project = projects.create_project(f"walk-{tag}", domain_id="default")["project"]
user = users.create_user(name=f"walker-{tag}", password="Secret-" + tag, domain_id="default")["user"]
member = next(r for r in roles.list_roles()["roles"] if r["name"] == "member")
roles.create_user_role_on_project(project["id"], user["id"], member["id"])
assert [r["id"] for r in roles.list_user_roles_on_project(project["id"], user["id"])["roles"]] == [member["id"]]
assert admin.identity_v3.RoleAssignmentsClient().list_role_assignments(effective=True, **{"user.id": user["id"]})["role_assignments"]
domains = admin.identity_v3.DomainsClient()
domain = domains.create_domain(name=f"domain-{tag}")["domain"]
assert domains.update_domain(domain["id"], enabled=False)["domain"]["enabled"] is False
domains.delete_domain(domain["id"])
services, endpoints = admin.identity_v3.ServicesClient(), admin.identity_v3.EndPointsClient()
service = services.create_service(type="walk", name=f"walk-{tag}")["service"]
endpoint = endpoints.create_endpoint(service_id=service["id"], interface="public", url="http://x")["endpoint"]
endpoints.update_endpoint(endpoint["id"], url="http://y")
endpoints.delete_endpoint(endpoint["id"])
services.delete_service(service["id"])
regions = admin.identity_v3.RegionsClient()
regions.create_region(region_id=f"region-{tag}", description="walked")
regions.delete_region(f"region-{tag}")
tags = admin.identity_v3.ProjectTagsClient()
tags.update_all_project_tags(project["id"], ["a", "b"])
assert tags.list_project_tags(project["id"])["tags"] == ["a", "b"]
mine = login(user["name"], "Secret-" + tag, project["name"])
assert mine.identity_v3.CatalogClient().show_catalog()["catalog"]

step("image")
images = mine.image_v2.ImagesClient()
image = images.create_image(name=f"image-{tag}", disk_format="raw", container_format="bare")
images.store_image_file(image["id"], io.BytesIO(os.urandom(1 << 16)))
assert images.show_image(image["id"])["status"] == "active"
images.update_image(image["id"], [{"replace": "/name", "value": "walked"}])
images.add_image_tag(image["id"], "walked")
assert [i["id"] for i in images.list_images({"tag": "walked"})["images"]] == [image["id"]]
members = mine.image_v2.ImageMembersClient()
members.create_image_member(image["id"], member=project["id"])
members.delete_image_member(image["id"], project["id"])
assert mine.image_v2.SchemasClient().show_schema("image")["name"] == "image"

step("network")
networks, subnets, ports = mine.network.NetworksClient(), mine.network.SubnetsClient(), mine.network.PortsClient()
public = admin.network.NetworksClient().create_network(name=f"public-{tag}", **{"router:external": True})["network"]
admin.network.SubnetsClient().create_subnet(network_id=public["id"], cidr="203.0.113.0/24", ip_version=4, enable_dhcp=False)
network = networks.create_network(name=f"net-{tag}")["network"]
subnet = subnets.create_subnet(network_id=network["id"], cidr="10.7.0.0/24", ip_version=4)["subnet"]
bulk = ports.create_bulk_ports(ports=[{"network_id": network["id"]}, {"network_id": network["id"]}])["ports"]
for port in bulk:
    ports.update_port(port["id"], name="walked")
    ports.delete_port(port["id"])
routers = mine.network.RoutersClient()
router = routers.create_router(name=f"router-{tag}", external_gateway_info={"network_id": public["id"]})["router"]
routers.add_router_interface(router["id"], subnet_id=subnet["id"])
groups, rules = mine.network.SecurityGroupsClient(), mine.network.SecurityGroupRulesClient()
group = groups.create_security_group(name=f"group-{tag}")["security_group"]
rule = rules.create_security_group_rule(
    security_group_id=group["id"], direction="ingress", protocol="tcp", port_range_min=22, port_range_max=22)["security_group_rule"]
mine.network.TagsClient().create_tag("networks", network["id"], "walked")
assert mine.network.ExtensionsClient().list_extensions()["extensions"]
assert admin.network.AgentsClient().list_agents()["agents"]
assert admin.network.QuotasClient().show_quota_details(project["id"])["quota"]["network"]["used"] == 1

step("what servers need")
flavors = admin.compute.FlavorsClient()
flavor = flavors.create_flavor(name=f"flavor-{tag}", ram=64, vcpus=1, disk=1)["flavor"]
flavors.set_flavor_extra_spec(flavor["id"], walked="yes")
assert flavors.list_flavor_extra_specs(flavor["id"])["extra_specs"] == {"walked": "yes"}
server_groups = mine.compute.ServerGroupsClient()

step("server, in the oldest version and in a new one")
servers, keys = mine.compute.ServersClient(), mine.compute.KeyPairsClient()
for version in [None, LAST_WITH_GENERATED_KEYS]:
    speaks(version)
    policy = {"policies": ["affinity"]} if version is None else {"policy": "affinity"}
    together = server_groups.create_server_group(name="together", **policy)["server_group"]
    assert server_groups.show_server_group(together["id"])["server_group"]["members"] == []
    key = keys.create_keypair(name=f"key-{tag}")["keypair"]
    assert keys.list_keypairs()["keypairs"][0]["keypair"]["name"] == key["name"]
    server = servers.create_server(
        name=f"server-{tag}", imageRef=image["id"], flavorRef=flavor["id"], networks=[{"uuid": network["id"]}], key_name=key["name"],
        metadata={"role": "walker"}, security_groups=[{"name": group["name"]}])["server"]
    until("the server is active", lambda: servers.show_server(server["id"])["server"]["status"] == "ACTIVE")
    assert [s["id"] for s in servers.list_servers(detail=True)["servers"]] == [server["id"]]
    assert [s["id"] for s in servers.list_servers()["servers"]] == [server["id"]]
    servers.update_server(server["id"], name="walked")
    servers.set_server_metadata_item(server["id"], "role", {"role": "runner"})
    assert servers.list_server_metadata(server["id"])["metadata"] == {"role": "runner"}
    fixed = servers.list_addresses(server["id"])["addresses"][network["name"]][0]["addr"]
    attached = mine.compute.InterfacesClient().list_interfaces(server["id"])["interfaceAttachments"]
    assert attached[0]["fixed_ips"][0]["ip_address"] == fixed, attached
    floating_ips = mine.network.FloatingIPsClient()
    floating = floating_ips.create_floatingip(floating_network_id=public["id"], port_id=attached[0]["port_id"])["floatingip"]
    assert floating["fixed_ip_address"] == fixed, floating
    assert servers.get_console_output(server["id"], length=2)["output"]
    for act, state in [(servers.stop_server, "SHUTOFF"), (servers.start_server, "ACTIVE")]:
        act(server["id"])
        until(f"the server is {state}", lambda: servers.show_server(server["id"])["server"]["status"] == state)
    request = servers.reboot_server(server["id"], type="HARD").response["x-compute-request-id"]
    until("the server is back", lambda: servers.show_server(server["id"])["server"]["status"] == "ACTIVE")
    if version is None:  # its schema of the list does not know what 2.58 added
        assert servers.list_instance_actions(server["id"])["instanceActions"][0]["request_id"] == request
    assert servers.show_instance_action(server["id"], request)["instanceAction"]["action"] == "reboot"
    servers.delete_server(server["id"])
    until("the server is gone", lambda: gone(servers.show_server, server["id"]))
    floating_ips.delete_floatingip(floating["id"])
    keys.delete_keypair(key["name"])
    server_groups.delete_server_group(together["id"])

step("what an administrator reads, in both versions")
for version in [None, LAST_WITH_STATISTICS]:
    speaks(version)
    assert admin.compute.AvailabilityZoneClient().list_availability_zones(detail=True)["availabilityZoneInfo"]
    hypervisors = admin.compute.HypervisorClient()
    first = hypervisors.list_hypervisors(detail=True)["hypervisors"][0]
    assert hypervisors.show_hypervisor(first["id"])["hypervisor"]["hypervisor_hostname"] == first["hypervisor_hostname"]
    assert admin.compute.ServicesClient().list_services()["services"]
    assert mine.compute.LimitsClient().show_limits()["limits"]
    quotas = admin.compute.QuotasClient()
    quotas.update_quota_set(project["id"], cores=5)
    assert quotas.show_quota_set(project["id"], detail=True)["quota_set"]["cores"]["limit"] == 5
    quotas.delete_quota_set(project["id"])
    default = admin.compute.QuotaClassesClient().show_quota_class_set("default")["quota_class_set"]
    assert quotas.show_default_quota_set(project["id"])["quota_set"]["cores"] == default["cores"]
    assert flavors.list_flavors(detail=True)["flavors"]
    assert admin.compute.VersionsClient().list_versions()["versions"]
speaks(None)

step("placement")
base_placement_client.PLACEMENT_MICROVERSION = "1.39"
placement, providers = admin.placement.PlacementClient(), admin.placement.ResourceProvidersClient()
found = providers.list_resource_providers()["resource_providers"][0]
assert providers.show_resource_provider(found["uuid"])["name"] == found["name"]
assert providers.list_resource_provider_inventories(found["uuid"])["inventories"]["VCPU"]["total"] > 0
assert "VCPU" in providers.list_resource_provider_usages(found["uuid"])["usages"]
assert placement.list_allocation_candidates(resources="VCPU:1")["allocation_requests"]
assert placement.list_allocations(str(uuid.uuid4()))["allocations"] == {}
base_placement_client.PLACEMENT_MICROVERSION = None

step("delete")
rules.delete_security_group_rule(rule["id"])
groups.delete_security_group(group["id"])
routers.remove_router_interface(router["id"], subnet_id=subnet["id"])
routers.delete_router(router["id"])
subnets.delete_subnet(subnet["id"])
networks.delete_network(network["id"])
admin.network.NetworksClient().delete_network(public["id"])
images.delete_image(image["id"])
flavors.delete_flavor(flavor["id"])
users.delete_user(user["id"])
projects.delete_project(project["id"])
step("done")
