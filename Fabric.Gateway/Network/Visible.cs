using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Network;

/// <summary>Looks things up as far as the caller may see them: what is another project's is not there.</summary>
internal static class Visible
{
    /// <summary>A network: the caller's own, a shared or an external one.</summary>
    internal static async Task<NetworkState> Network(Call call, string text)
    {
        var network = NetworkId.TryParse(text, out var id)
            ? await call.Get<IResourceIndex>().Find<NetworkState>(NetworkState.Kind, id.Text, call.Aborted)
            : null;
        return network is not null && Sees(call, network)
            ? network
            : throw NetworkFaults.NetworkNotFound(text);
    }

    /// <summary>A subnet with its network: the caller's own, or one of a shared network. An external network's subnets are its owner's
    /// alone.</summary>
    internal static async Task<(NetworkState Network, SubnetState Subnet)> Subnet(Call call, string text)
    {
        if (SubnetId.TryParse(text, out var id))
        {
            var query = new ResourceQuery(NetworkState.Kind).WithRef(NetworkState.SubnetRef, id.Text);
            var network = (await call.Get<IResourceIndex>().List<NetworkState>(query, call.Aborted)).FirstOrDefault();
            if (network?.Subnet(id) is { } subnet && Sees(call, network, subnet))
                return (network, subnet);
        }

        throw NetworkFaults.SubnetNotFound(text);
    }

    /// <summary>Whether the caller may see the network.</summary>
    internal static bool Sees(Call call, NetworkState network) =>
        (IsOwn(call, network.ProjectId) || network.Shared || network.External)
        && call.Allows(NetworkPolicies.GetNetwork, NetworkTargets.Network(network));

    /// <summary>Whether the caller may see the subnet.</summary>
    internal static bool Sees(Call call, NetworkState network, SubnetState subnet) =>
        (IsOwn(call, subnet.ProjectId) && call.Allows(NetworkPolicies.GetSubnet, NetworkTargets.In(network, subnet.ProjectId)))
        || ((IsOwn(call, network.ProjectId) || network.Shared)
            && call.Allows(NetworkPolicies.GetSubnet, NetworkTargets.In(network, network.ProjectId)));

    /// <summary>A port: the caller's own, or one on its own network.</summary>
    internal static async Task<PortState> Port(Call call, string text)
    {
        var index = call.Get<IResourceIndex>();
        var port = PortId.TryParse(text, out var id) ? await index.Find<PortState>(PortState.Kind, id.Text, call.Aborted) : null;
        if (port is null)
            throw NetworkFaults.PortNotFound(text);
        if (call.Caller.IsAdmin || (port.ProjectId is { } owner && IsOwn(call, owner)))
            return port;
        var network = await index.Find<NetworkState>(NetworkState.Kind, port.NetworkId.Text, call.Aborted);
        return network is not null && IsOwn(call, network.ProjectId) ? port : throw NetworkFaults.PortNotFound(text);
    }

    /// <summary>A router of the caller's own.</summary>
    internal static async Task<RouterState> Router(Call call, string text)
    {
        var router = RouterId.TryParse(text, out var id)
            ? await call.Get<IResourceIndex>().Find<RouterState>(RouterState.Kind, id.Text, call.Aborted)
            : null;
        return router is not null && IsOwn(call, router.ProjectId) ? router : throw NetworkFaults.RouterNotFound(text);
    }

    /// <summary>A floating address of the caller's own.</summary>
    internal static async Task<FloatingIpState> FloatingIp(Call call, string text)
    {
        var floating = FloatingIpId.TryParse(text, out var id)
            ? await call.Get<IResourceIndex>().Find<FloatingIpState>(FloatingIpState.Kind, id.Text, call.Aborted)
            : null;
        return floating is not null && IsOwn(call, floating.ProjectId) ? floating : throw NetworkFaults.FloatingIpNotFound(text);
    }

    /// <summary>A security group of the caller's own.</summary>
    internal static async Task<SecurityGroupState> Group(Call call, string text)
    {
        var group = SecurityGroupId.TryParse(text, out var id)
            ? await call.Get<IResourceIndex>().Find<SecurityGroupState>(SecurityGroupState.Kind, id.Text, call.Aborted)
            : null;
        return group is not null && IsOwn(call, group.ProjectId) ? group : throw NetworkFaults.SecurityGroupNotFound(text);
    }

    /// <summary>The caller's project's, or the caller is an admin.</summary>
    internal static bool IsOwn(Call call, ProjectId project) => call.Caller.IsAdmin || call.Caller.ProjectId == project;

    /// <summary>A list of the caller's own; of everybody's for an admin.</summary>
    internal static ResourceQuery Own(Call call, ResourceQuery query)
    {
        if (call.Caller.IsAdmin)
            return query;
        var mine = call.Caller.ProjectId?.Text ?? "";
        // A filter by another project finds nothing.
        return query.ProjectId is { } asked && asked != mine ? query with { Ids = [] } : query with { ProjectId = mine };
    }

    /// <summary>The rule of an attribute, when it was given.</summary>
    internal static void Require(Call call, bool given, PolicyRule rule, in PolicyTarget target)
    {
        if (given && !call.Allows(rule, target))
            throw NetworkFaultStyle.DeniedBy(call.Route.Policy.Name, rule.Name);
    }

    /// <summary>The revision that <c>If-Match: revision_number=N</c> demands; null without one.</summary>
    internal static long? IfRevision(Call call)
    {
        var text = call.Http.Request.Headers.IfMatch.ToString().Trim('"', ' ');
        if (!text.StartsWith("revision_number=", StringComparison.Ordinal))
            return null;
        return long.TryParse(text["revision_number=".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw NetworkFaults.BadRequest("if-match", "Revision number etag must be in the format of revision_number=<int>");
    }
}
