using Fabric.Grains.Network;

namespace Fabric.Gateway.Network;

/// <summary>What Neutron's rules may know of a thing: whose it is, whose its network is and what kind of network that is, and for a port
/// what device it is of (source: <c>neutron/policy.py</c>).</summary>
internal sealed class NetworkTargets : IPolicyAttributes
{
    private ProjectId? NetworkOwner { get; init; }

    private ProjectId? GroupOwner { get; init; }

    private bool? Shared { get; init; }

    private bool? External { get; init; }

    private string? DeviceOwner { get; init; }

    /// <summary>A network.</summary>
    internal static PolicyTarget Network(NetworkState network) => In(network, network.ProjectId);

    /// <summary>A thing on a network.</summary>
    internal static PolicyTarget In(NetworkState? network, ProjectId? owner, string? deviceOwner = null) => new(owner)
    {
        Attributes = new NetworkTargets
        {
            NetworkOwner = network?.ProjectId,
            Shared = network?.Shared,
            External = network?.External,
            DeviceOwner = deviceOwner,
        },
    };

    /// <summary>A thing that is on no network, or is asked for only by whose it is.</summary>
    internal static PolicyTarget Owned(ProjectId? owner) => new(owner);

    /// <summary>A rule of a security group.</summary>
    internal static PolicyTarget Rule(SecurityGroupState group) => new(group.ProjectId)
    {
        Attributes = new NetworkTargets { GroupOwner = group.ProjectId },
    };

    /// <summary>A thing that is to be, as its body says.</summary>
    internal static PolicyTarget New(Given given) => new(new ProjectId(given.Text("project_id")));

    /// <inheritdoc/>
    public bool TryGet(string name, out string? value)
    {
        value = name switch
        {
            "network:tenant_id" or "network:project_id" => NetworkOwner?.Text,
            "security_group:tenant_id" or "security_group:project_id" => GroupOwner?.Text,
            "shared" => Text(Shared),
            "router:external" => Text(External),
            "device_owner" => DeviceOwner,
            _ => null,
        };
        return value is not null;
    }

    private static string? Text(bool? flag) => flag is { } known ? known ? "True" : "False" : null;
}
