using System.Globalization;
using System.Text.Json;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Network;

namespace Fabric.Gateway.Network;

/// <summary>Security groups and their rules on the wire.</summary>
internal static class SecurityGroupBodies
{
    internal static readonly Resource Groups = new(
        "security_group",
        "security_groups",
        new("name", Name),
        new("stateful", Parse.Flag),
        Attribute.Shown("shared", sortable: false),
        Attribute.Shown("security_group_rules", sortable: false));

    internal static readonly Resource Rules = new(
        "security_group_rule",
        "security_group_rules",
        new("security_group_id", Parse.Text(36)) { Required = true, Put = false },
        new("direction", Parse.OneOf("ingress", "egress")) { Required = true, Put = false },
        new("ethertype", EtherType) { Put = false },
        new("protocol", Protocol) { Put = false },
        new("port_range_min", Port) { Put = false },
        new("port_range_max", Port) { Put = false },
        new("remote_ip_prefix", Prefix) { Put = false },
        new("remote_group_id", Parse.OrNull(Parse.Text(255))) { Put = false },
        new("remote_address_group_id", Parse.OrNull(NoAddressGroup)) { Put = false },
        Attribute.Shown("normalized_cidr"));

    internal static Body Of(SecurityGroupState group) => new Body
    {
        ["id"] = group.Id.Text,
        ["name"] = group.Name,
        ["stateful"] = group.Stateful,
        ["tenant_id"] = group.ProjectId.Text,
        ["shared"] = false,
        ["security_group_rules"] = group.Rules.Select(Of).ToArray(),
    }.Standard(group.ProjectId.Text, group.Description, group.Tags, group.CreatedAt, group.UpdatedAt, group.Revision);

    internal static Body Of(SecurityRule rule) => new Body
    {
        ["id"] = rule.Id.Text,
        ["tenant_id"] = rule.ProjectId.Text,
        ["security_group_id"] = rule.GroupId.Text,
        ["ethertype"] = rule.EtherType,
        ["direction"] = rule.Direction,
        ["protocol"] = rule.Protocol,
        ["port_range_min"] = rule.PortMin,
        ["port_range_max"] = rule.PortMax,
        ["remote_ip_prefix"] = rule.RemoteIpPrefix,
        ["remote_address_group_id"] = null,
        ["normalized_cidr"] = rule.RemoteIpPrefix is { } prefix ? Cidr.Parse(prefix).ToString() : null,
        ["remote_group_id"] = rule.RemoteGroupId?.Text,
    }.Standard(rule.ProjectId.Text, rule.Description, [], rule.CreatedAt, rule.CreatedAt, 0);

    private static string? Name(JsonElement input, out object? value)
    {
        var reason = Parse.Text(255)(input, out value);
        if (reason is null && ((string)value!).Equals(SecurityGroupState.DefaultName, StringComparison.OrdinalIgnoreCase))
            throw Fault.Conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists.");
        return reason;
    }

    private static string? EtherType(JsonElement input, out object? value)
    {
        value = input.ValueKind != JsonValueKind.String ? null : input.GetString()!.ToLowerInvariant() switch
        {
            "ipv4" => "IPv4",
            "ipv6" => "IPv6",
            _ => null,
        };
        return value is not null ? null : throw Fault.BadRequest("SecurityGroupRuleInvalidEtherType",
            $"Security group rule for ethertype '{PythonRepr.Display(input)}' not supported. Allowed values are ['IPv4', 'IPv6'].");
    }

    private static string? Protocol(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind == JsonValueKind.Null)
            return null;
        var text = PythonRepr.Display(input).ToLowerInvariant();
        if (input.ValueKind is JsonValueKind.String or JsonValueKind.Number && SecurityRules.Number(text) is not null)
        {
            value = text;
            return null;
        }

        var known = string.Join(", ", SecurityRules.Protocols.Select(static protocol => $"'{protocol.Name}'"));
        throw Fault.BadRequest("SecurityGroupRuleInvalidProtocol",
            $"Security group rule protocol {PythonRepr.Display(input)} not supported. "
            + $"Only protocol values [None, {known}] and integer representations [0 to 255] are supported.");
    }

    private static string? Port(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind == JsonValueKind.Null)
            return null;
        if (input.ValueKind is JsonValueKind.String or JsonValueKind.Number
            && int.TryParse(PythonRepr.Display(input), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65_535)
        {
            value = port;
            return null;
        }

        throw Fault.BadRequest("SecurityGroupInvalidPortValue", $"Invalid value for port {PythonRepr.Display(input)}");
    }

    private static string? Prefix(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind == JsonValueKind.Null || (input.ValueKind == JsonValueKind.String && input.GetString()!.Length == 0))
            return null;
        if (input.ValueKind == JsonValueKind.String && Cidr.TryParse(input.GetString(), out var cidr))
        {
            var text = input.GetString()!;
            value = text.Contains('/', StringComparison.Ordinal) ? text : cidr.ToString();
            return null;
        }

        throw Fault.BadRequest("InvalidCIDR", $"Invalid CIDR {PythonRepr.Display(input)} given as IP prefix.");
    }

    private static string? NoAddressGroup(JsonElement input, out object? value) => Parse.Uuid(input, out value) ?? throw Fault.NotFound(
        "AddressGroupNotFound", $"Address group {value} could not be found.");
}
