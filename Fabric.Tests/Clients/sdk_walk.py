"""A user's walk through the cloud with openstacksdk, as it comes with Debian: every body it reads is parsed by the SDK's own classes.
Credentials come from OS_* in the environment. Prints one line a step, and fails at the first thing that is not as OpenStack's."""
import os
import tempfile
import uuid

import openstack


def step(name):
    print(name, flush=True)


cloud = openstack.connect()
tag = uuid.uuid4().hex[:8]

step("identity")
project = cloud.identity.create_project(name=f"walk-{tag}", domain_id="default", description="a walk")
user = cloud.identity.create_user(name=f"walker-{tag}", domain_id="default", password="Secret-" + tag, default_project_id=project.id)
role = cloud.identity.find_role("member")
cloud.identity.assign_project_role_to_user(project, user, role)
assert any(a.role["id"] == role.id for a in cloud.identity.role_assignments(user_id=user.id))
mine = openstack.connect(
    auth_url=os.environ["OS_AUTH_URL"], username=user.name, password="Secret-" + tag, project_name=project.name,
    user_domain_name="Default", project_domain_name="Default")
assert mine.current_project_id == project.id

step("image")
with tempfile.NamedTemporaryFile() as file:
    file.write(os.urandom(1 << 20))
    file.flush()
    image = mine.create_image(f"image-{tag}", filename=file.name, disk_format="raw", container_format="bare", wait=True)
    image = mine.image.get_image(image.id)
    assert image.status == "active" and image.size == 1 << 20, image
    file.seek(0)
    assert mine.image.download_image(image).content == file.read()

step("network")
public = cloud.network.create_network(name=f"public-{tag}", is_router_external=True)
cloud.network.create_subnet(
    network_id=public.id, cidr="203.0.113.0/24", ip_version=4, gateway_ip="203.0.113.1", enable_dhcp=False)
network = mine.network.create_network(name=f"net-{tag}")
subnet = mine.network.create_subnet(network_id=network.id, cidr="10.7.0.0/24", ip_version=4, dns_nameservers=["9.9.9.9"])
assert subnet.gateway_ip == "10.7.0.1", subnet
router = mine.network.create_router(name=f"router-{tag}", external_gateway_info={"network_id": public.id})
mine.network.add_interface_to_router(router, subnet_id=subnet.id)
group = mine.network.create_security_group(name=f"group-{tag}")
rule = mine.network.create_security_group_rule(
    security_group_id=group.id, direction="ingress", ethertype="IPv4", protocol="tcp", port_range_min=22, port_range_max=22)
assert rule.id in [r["id"] for r in mine.network.get_security_group(group.id).security_group_rules]

step("flavor and key")
flavor = cloud.compute.create_flavor(name=f"flavor-{tag}", ram=64, vcpus=1, disk=1)
key = mine.compute.create_keypair(name=f"key-{tag}")
assert key.private_key.startswith("-----BEGIN"), "no private key came back"

step("server")
server = mine.compute.create_server(
    name=f"server-{tag}", flavor_id=flavor.id, image_id=image.id, networks=[{"uuid": network.id}], key_name=key.name,
    security_groups=[{"name": group.name}], metadata={"role": "walker"})
server = mine.compute.wait_for_server(server, wait=120)
assert server.status == "ACTIVE" and server.metadata == {"role": "walker"}, server
fixed = server.addresses[network.name][0]["addr"]
port = next(mine.network.ports(device_id=server.id))
assert port.fixed_ips[0]["ip_address"] == fixed and port.is_admin_state_up

step("floating address")
floating = mine.network.create_ip(floating_network_id=public.id, port_id=port.id)
assert floating.fixed_ip_address == fixed, floating
shown = [a["addr"] for a in mine.compute.get_server(server.id).addresses[network.name]]
assert floating.floating_ip_address in shown, shown

step("stop, start, reboot")
mine.compute.stop_server(server)
mine.compute.wait_for_server(server, status="SHUTOFF", wait=60)
mine.compute.start_server(server)
mine.compute.wait_for_server(server, wait=60)
mine.compute.reboot_server(server, "HARD")
mine.compute.wait_for_server(server, wait=60)
assert "output" in mine.compute.get_server_console_output(server)

step("lists and limits")
assert [s.id for s in mine.compute.servers()] == [server.id]
assert mine.compute.get_limits().absolute.instances_used == 1
assert any(h.name for h in cloud.compute.hypervisors(details=True))
assert any(s.binary == "nova-compute" and s.state == "up" for s in cloud.compute.services())
assert [z.name for z in mine.compute.availability_zones()] == ["nova"]

step("delete")
mine.compute.delete_server(server)
mine.compute.wait_for_delete(server, wait=60)
assert not list(mine.network.ports(device_id=server.id)), "the server's port outlived it"
mine.network.delete_ip(floating)
mine.network.remove_interface_from_router(router, subnet_id=subnet.id)
mine.network.delete_router(router)
mine.network.delete_network(network)
mine.network.delete_security_group(group)
mine.compute.delete_keypair(key)
mine.image.delete_image(image)
cloud.compute.delete_flavor(flavor)
cloud.network.delete_network(public)
cloud.identity.delete_user(user)
cloud.identity.delete_project(project)
step("done")
