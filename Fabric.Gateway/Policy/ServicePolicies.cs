using Fabric.Grains.Compute;
using Fabric.Grains.Identity;
using Fabric.Grains.Image;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Placement;

namespace Fabric.Gateway.Policy;

/// <summary>The documented rules of each service, by OpenStack's name of it.</summary>
internal static class ServicePolicies
{
    internal static readonly PolicyDefaults Keystone = new("keystone", PolicyDialect.Keystone, false, typeof(IdentityPolicies));

    internal static readonly PolicyDefaults Nova = new("nova", PolicyDialect.Nova, true,
        typeof(ComputeChecks), typeof(ComputePolicies), typeof(ServerPolicies), typeof(NodePolicies));

    internal static readonly PolicyDefaults Glance = new("glance", PolicyDialect.Plain, true, typeof(ImagePolicies));

    internal static readonly PolicyDefaults Neutron = new("neutron", PolicyDialect.Neutron, true,
        typeof(NetworkChecks), typeof(NetworkPolicies));

    internal static readonly PolicyDefaults Placement = new("placement", PolicyDialect.Plain, false, typeof(PlacementPolicies));

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<PolicyDefaults> All { get; } = [Keystone, Nova, Glance, Neutron, Placement];
}
