using System.Text.Json;
using Fabric.Grains.Network;

namespace Fabric.Gateway.Network;

/// <summary>Ports on the wire.</summary>
internal static class PortBodies
{
    internal static readonly Resource Ports = new(
        "port",
        "ports",
        new("name", Parse.Text(255)),
        new("network_id", Parse.Uuid) { Required = true, Put = false },
        new("admin_state_up", Parse.Flag),
        new("mac_address", Parse.OrNull(Parse.Mac)),
        new("fixed_ips", Parse.OrNull(ParseLists.FixedIps)) { Sortable = false },
        new("device_id", Parse.Text(255)),
        new("device_owner", Parse.Text(255)),
        new("security_groups", Parse.Uuids) { Sortable = false },
        new("port_security_enabled", Parse.Flag),
        new("allowed_address_pairs", ParseLists.AddressPairs) { Sortable = false },
        new("extra_dhcp_opts", ParseDhcpOptions.Read) { Sortable = false },
        new("binding:host_id", Parse.OrNull(Parse.Text(255))) { Sortable = false },
        new("binding:vnic_type", Parse.OneOf("normal", "direct", "macvtap", "baremetal", "direct-physical", "virtio-forwarder", "smart-nic",
            "accelerator-direct", "accelerator-direct-physical", "remote-managed", "vdpa")) { Sortable = false },
        new("binding:profile", ParseLists.Profile) { Sortable = false },
        new("dns_name", Parse.Text(255)),
        new("dns_domain", Parse.Text(255)),
        new("tags", Parse.UniqueTexts) { Put = false, Sortable = false },
        Attribute.Shown("binding:vif_type", sortable: false),
        Attribute.Shown("binding:vif_details", sortable: false),
        Attribute.Shown("dns_assignment", sortable: false),
        Attribute.Shown("qos_policy_id", sortable: false),
        Attribute.Shown("status"));

    internal static Body Of(PortState port, bool binding)
    {
        var owner = port.ProjectId?.Text ?? "";
        var body = new Body
        {
            ["id"] = port.Id.Text,
            ["name"] = port.Name,
            ["network_id"] = port.NetworkId.Text,
            ["tenant_id"] = owner,
            ["mac_address"] = port.MacAddress,
            ["admin_state_up"] = port.AdminStateUp,
            ["status"] = port.Status,
            ["device_id"] = port.DeviceId,
            ["device_owner"] = port.DeviceOwner,
            ["fixed_ips"] = Addresses(port.FixedIps),
            ["allowed_address_pairs"] = port.AllowedAddressPairs.Select(pair => new
            {
                mac_address = pair.MacAddress.Length > 0 ? pair.MacAddress : port.MacAddress,
                ip_address = pair.IpAddress,
            }).ToArray(),
            ["extra_dhcp_opts"] = port.ExtraDhcpOpts.Select(static option => new
            {
                opt_name = option.Name,
                opt_value = option.Value,
                ip_version = option.IpVersion,
            }).ToArray(),
            ["security_groups"] = port.SecurityGroups.Select(static group => group.Text).ToArray(),
            ["binding:vnic_type"] = port.VnicType,
            ["qos_policy_id"] = null,
            ["port_security_enabled"] = port.PortSecurityEnabled,
            ["dns_name"] = port.DnsName,
            ["dns_domain"] = port.DnsDomain,
            ["dns_assignment"] = port.FixedIps.Select(ip => DnsAssignment(port, ip.IpAddress)).ToArray(),
        };
        if (binding)
        {
            body["binding:host_id"] = port.HostId ?? "";
            body["binding:profile"] = JsonElement.Parse(port.Profile);
            body["binding:vif_type"] = port.HostId is null ? "unbound" : "bridge";
            body["binding:vif_details"] = port.HostId is null
                ? new Dictionary<string, object>()
                : new() { ["connectivity"] = "l2", ["port_filter"] = true };
        }

        return body.Standard(owner, port.Description, port.Tags, port.CreatedAt, port.UpdatedAt, port.Revision);
    }

    internal static IReadOnlyList<Dictionary<string, string>> Addresses(IReadOnlyList<FixedIp> addresses) =>
    [
        .. addresses.Select(static ip => new Dictionary<string, string>
        {
            ["subnet_id"] = ip.SubnetId.Text,
            ["ip_address"] = ip.IpAddress,
        }),
    ];

    private static object DnsAssignment(PortState port, string address)
    {
        var name = port.DnsName.Length > 0 ? port.DnsName : "host-" + address.Replace('.', '-').Replace(':', '-');
        return new { ip_address = address, hostname = name, fqdn = name + ".openstacklocal." };
    }
}
