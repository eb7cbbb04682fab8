using System.Collections.Frozen;
using System.Net;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>Who a metadata request is from. A guest's address alone says nothing, as tenants' addresses overlap: it counts within the
/// namespace through which the request came, a network's or a router's. That a guest cannot use another's address is the firewall's
/// care.</summary>
internal sealed class MetadataGuests
{
    internal static readonly MetadataGuests Nobody = new(FrozenDictionary<string, FrozenDictionary<IPAddress, DesiredPort>>.Empty);

    private readonly FrozenDictionary<string, FrozenDictionary<IPAddress, DesiredPort>> _byNamespace;

    private MetadataGuests(FrozenDictionary<string, FrozenDictionary<IPAddress, DesiredPort>> byNamespace) => _byNamespace = byNamespace;

    internal static MetadataGuests Of(DesiredNetworking networking, string? host = null)
    {
        var ports = networking.Ports.ToLookup(port => port.NetworkId);
        var scopes = networking.Networks.Where(HostLayout.ServesDhcp)
            .Select(network => (Name: DeviceNames.DhcpNamespace(network.Id, host), Networks: (IEnumerable<NetworkId>)[network.Id]))
            .Concat(networking.Routers.Where(HostLayout.IsRealised)
                .Select(router => (
                    Name: DeviceNames.RouterNamespace(router.Id, host),
                    Networks: router.Interfaces.Select(leg => leg.NetworkId).Distinct())));
        return new(scopes.ToFrozenDictionary(
            scope => scope.Name,
            scope => scope.Networks.SelectMany(network => ports[network])
                .SelectMany(port => port.IpAddresses.Select(address => (Address: Cidr.Address(address), port)))
                .Where(entry => entry.Address is not null)
                .DistinctBy(entry => entry.Address)
                .ToFrozenDictionary(entry => entry.Address!, entry => entry.port),
            StringComparer.Ordinal));
    }

    /// <summary>The port of the request's sender; null when there is none.</summary>
    internal DesiredPort? Find(string ns, IPAddress? source) =>
        source is not null && _byNamespace.TryGetValue(ns, out var guests) ? guests.GetValueOrDefault(source) : null;
}
