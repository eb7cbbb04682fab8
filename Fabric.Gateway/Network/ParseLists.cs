using System.Text.Json;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;

namespace Fabric.Gateway.Network;

/// <summary>Readers of lists of objects.</summary>
internal static class ParseLists
{
    internal static string? Pools(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind != JsonValueKind.Array)
            return $"Invalid data format for IP pool: '{PythonRepr.Display(input)}'";
        var pools = new List<AllocationPool>();
        foreach (var item in input.EnumerateArray())
        {
            if (Pair(item, "start", "end", out var start, out var end) is { } reason)
                return reason;
            if ((Parse.Address(start, out var first) ?? Parse.Address(end, out _)) is { } bad)
                return bad;
            Parse.Address(end, out var last);
            pools.Add(new((string)first!, (string)last!));
        }

        value = (IReadOnlyList<AllocationPool>)pools;
        return null;
    }

    internal static string? Nameservers(JsonElement input, out object? value)
    {
        value = (IReadOnlyList<string>)[];
        if (input.ValueKind == JsonValueKind.Null)
            return null;
        if (input.ValueKind != JsonValueKind.Array)
            return $"Invalid data format for nameserver: '{PythonRepr.Display(input)}'";
        var servers = new List<string>();
        foreach (var item in input.EnumerateArray())
        {
            if (Parse.Address(item, out var address) is { } reason)
                return $"'{PythonRepr.Display(item)}' is not a valid nameserver. {reason}";
            if (servers.Contains((string)address!))
                return $"Duplicate nameserver '{address}'";
            servers.Add((string)address!);
        }

        value = (IReadOnlyList<string>)servers;
        return null;
    }

    internal static string? Routes(JsonElement input, out object? value)
    {
        value = (IReadOnlyList<DesiredRoute>)[];
        if (input.ValueKind == JsonValueKind.Null)
            return null;
        if (input.ValueKind != JsonValueKind.Array)
            return $"Invalid data format for hostroute: '{PythonRepr.Display(input)}'";
        var routes = new List<DesiredRoute>();
        foreach (var item in input.EnumerateArray())
        {
            if (Pair(item, "destination", "nexthop", out var destination, out var nextHop) is { } reason)
                return reason;
            if (Parse.Block(destination, out var block) is { } badBlock)
                return badBlock;
            if (Parse.Address(nextHop, out var hop) is { } badHop)
                return badHop;
            var route = new DesiredRoute((string)block!, (string)hop!);
            if (routes.Contains(route))
                return $"Duplicate hostroute '{PythonRepr.Of(item)}'";
            routes.Add(route);
        }

        value = (IReadOnlyList<DesiredRoute>)routes;
        return null;
    }

    internal static string? FixedIps(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind != JsonValueKind.Array)
            return $"Invalid data format for fixed IP: '{PythonRepr.Display(input)}'";
        var wanted = new List<FixedIpRequest>();
        foreach (var item in input.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                return $"Invalid data format for fixed IP: '{PythonRepr.Display(item)}'";
            object? address = null;
            object? subnet = null;
            if (item.TryGetProperty("ip_address", out var ip) && Parse.Address(ip, out address) is { } badAddress)
                return badAddress;
            if (item.TryGetProperty("subnet_id", out var id) && Parse.Uuid(id, out subnet) is { } badSubnet)
                return badSubnet;
            if (address is not null && wanted.Any(other => other.IpAddress == (string)address))
                return $"Duplicate IP address '{address}'";
            wanted.Add(new(subnet is Guid guid ? new SubnetId(guid) : null, address as string));
        }

        value = (IReadOnlyList<FixedIpRequest>)wanted;
        return null;
    }

    internal static string? AddressPairs(JsonElement input, out object? value)
    {
        value = (IReadOnlyList<DesiredAddressPair>)[];
        if (input.ValueKind == JsonValueKind.Null)
            return null;
        if (input.ValueKind != JsonValueKind.Array)
            return $"'{PythonRepr.Display(input)}' is not a list";
        var pairs = new List<DesiredAddressPair>();
        foreach (var item in input.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                return $"'{PythonRepr.Display(item)}' is not a valid address pair";
            if (!item.TryGetProperty("ip_address", out var address))
                throw Fault.BadRequest("AllowedAddressPairsMissingIP", "AllowedAddressPair must contain ip_address");
            object? mac = "";
            if (item.TryGetProperty("mac_address", out var given) && given.ValueKind != JsonValueKind.Null
                && Parse.Mac(given, out mac) is { } badMac)
                return badMac;
            if (Parse.Address(address, out var ip) is not null && Parse.Block(address, out ip) is not null)
                return $"'{PythonRepr.Display(address)}' is neither a valid IP address, nor is it a valid IP subnet";
            var pair = new DesiredAddressPair((string)mac!, (string)ip!);
            if (pairs.Contains(pair))
            {
                throw Fault.BadRequest("DuplicateAddressPairInRequest",
                    $"Request contains duplicate address pair: mac_address {pair.MacAddress} ip_address {pair.IpAddress}.");
            }

            pairs.Add(pair);
        }

        value = (IReadOnlyList<DesiredAddressPair>)pairs;
        return null;
    }

    internal static string? Profile(JsonElement input, out object? value)
    {
        value = "{}";
        if (input.ValueKind == JsonValueKind.Null)
            return null;
        if (input.ValueKind != JsonValueKind.Object)
            return $"'{PythonRepr.Display(input)}' is not a dictionary";
        value = input.GetRawText();
        return null;
    }

    internal static string? Gateway(JsonElement input, out object? value)
    {
        value = null;
        if (input.ValueKind == JsonValueKind.Null)
            return null;
        if (input.ValueKind != JsonValueKind.Object)
            return $"'{PythonRepr.Display(input)}' is not a dictionary";
        if (!input.EnumerateObject().Any())
            return null;
        if (!input.TryGetProperty("network_id", out var network))
            return "Validation of dictionary's keys failed. Expected keys: {'network_id'} Provided keys: "
                + $"{{{string.Join(", ", input.EnumerateObject().Select(static property => PythonRepr.Of(property.Name)))}}}";
        if (Parse.Uuid(network, out var id) is { } badId)
            return badId;
        object? snat = null;
        object? addresses = null;
        if (input.TryGetProperty("enable_snat", out var enable))
            Parse.Flag(enable, out snat);
        if (input.TryGetProperty("external_fixed_ips", out var ips) && ips.ValueKind != JsonValueKind.Null
            && FixedIps(ips, out addresses) is { } badIps)
            return badIps;
        value = new GatewayRequest
        {
            NetworkId = new((Guid)id!),
            EnableSnat = snat as bool?,
            FixedIps = addresses as IReadOnlyList<FixedIpRequest>,
        };
        return null;
    }

    private static string? Pair(JsonElement item, string first, string second, out JsonElement one, out JsonElement two)
    {
        one = two = default;
        if (item.ValueKind != JsonValueKind.Object)
            return $"Invalid input. '{PythonRepr.Display(item)}' must be a dictionary with keys: ['{first}', '{second}']";
        if (item.TryGetProperty(first, out one) && item.TryGetProperty(second, out two) && item.EnumerateObject().Count() == 2)
            return null;
        return $"Validation of dictionary's keys failed. Expected keys: {{'{first}', '{second}'}} Provided keys: "
            + $"{{{string.Join(", ", item.EnumerateObject().Select(static property => PythonRepr.Of(property.Name)))}}}";
    }
}
