using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>Security groups of a server as compute's users change them: the same one on all its cards (source:
/// <c>nova/network/security_group_api.py</c>).</summary>
internal sealed class InstanceSecurityGroups(IGrainFactory grains, IResourceIndex index, NetworkLookups lookups)
{
    /// <summary>A port that others keep changing under us is given up.</summary>
    private const int MostTries = 10;

    internal async Task Add(InstanceId instance, string group, ProjectId project, CancellationToken ct)
    {
        var id = await Find(group, project, ct);
        var ports = await Ports(instance, ct);
        if (ports.Any(static port => !port.PortSecurityEnabled || port.FixedIps.Count == 0))
        {
            throw Fault.BadRequest("SecurityGroupCannotBeApplied",
                "Network requires port_security_enabled and subnet associated in order to apply security groups.");
        }

        foreach (var port in ports)
            await Change(port, groups => groups.Contains(id) ? null : [.. groups, id]);
    }

    internal async Task Remove(InstanceId instance, string group, ProjectId project, CancellationToken ct)
    {
        var id = await Find(group, project, ct);
        var ports = await Ports(instance, ct);
        var having = ports.Where(port => port.SecurityGroups.Contains(id)).ToArray();
        if (having.Length == 0)
            throw Fault.NotFound("SecurityGroupNotFound", $"Security group {group} not associated with the instance {instance}");
        foreach (var port in having)
            await Change(port, groups => groups.Contains(id) ? [.. groups.Where(one => one != id)] : null);
    }

    private async Task<SecurityGroupId> Find(string group, ProjectId project, CancellationToken ct)
    {
        var mine = await index.List<SecurityGroupState>(new(SecurityGroupState.Kind) { ProjectId = project.Text }, ct);
        if (mine.FirstOrDefault(one => one.Id.Text == group) is { } byId)
            return byId.Id;
        var named = mine.Where(one => one.Name == group).ToArray();
        return named.Length switch
        {
            1 => named[0].Id,
            0 => throw Fault.NotFound("SecurityGroupNotFound", $"Security group {group} is not found for project {project}"),
            _ => throw Fault.Conflict("NoUniqueMatch",
                $"Multiple security_group matches found for name '{group}', use an ID to be more specific."),
        };
    }

    private async Task<IReadOnlyList<PortState>> Ports(InstanceId instance, CancellationToken ct) =>
        await lookups.PortsOf(instance.Text, ct) is { Count: > 0 } ports
            ? ports
            : throw Fault.NotFound("SecurityGroupNotFound", $"instance_id {instance} could not be found as device id on any ports");

    /// <summary>Reads and changes in one act as others see it: a port that was changed in between is read again.</summary>
    /// <param name="port">The port as it was read.</param>
    /// <param name="change">The groups wanted for those it has; null when they are right.</param>
    private async Task Change(PortState port, Func<IReadOnlyList<SecurityGroupId>, IReadOnlyList<SecurityGroupId>?> change)
    {
        var grain = grains.GetGrain<IPortGrain>(port.Id);
        for (var tries = 1; change(port.SecurityGroups) is { } wanted; tries++)
        {
            try
            {
                await grain.Update(new() { SecurityGroups = wanted, IfRevision = port.Revision });
                return;
            }
            catch (Fault stale) when (stale.Kind == FaultKind.PreconditionFailed && tries < MostTries)
            {
                if (await grain.Find() is not { } now)
                    return;
                port = now;
            }
        }
    }
}
