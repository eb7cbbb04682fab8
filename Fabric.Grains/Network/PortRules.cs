using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>What a port may look like. Pure.</summary>
internal static class PortRules
{
    private const int MostAddressPairs = 10;

    /// <summary>The port that a request makes with the addresses it got.</summary>
    public static PortState Create(PortId id, string mac, CreatePort request, Allocation got, DateTimeOffset now)
    {
        var trusted = request.DeviceOwner.StartsWith(DeviceOwners.NetworkPrefix, StringComparison.Ordinal);
        var security = !trusted && (request.PortSecurityEnabled ?? got.Network.PortSecurityEnabled);
        var port = new PortState
        {
            Id = id,
            ProjectId = request.ProjectId,
            NetworkId = request.NetworkId,
            Name = request.Name,
            Description = request.Description,
            AdminStateUp = request.AdminStateUp,
            Status = request.Status,
            MacAddress = mac,
            FixedIps = got.Addresses,
            DeviceId = request.DeviceId,
            DeviceOwner = request.DeviceOwner,
            // The default group is not for ports that cannot have one; a group that was named is an error there.
            SecurityGroups = request.GroupsNamed || (security && got.Addresses.Count > 0) ? request.SecurityGroups : [],
            PortSecurityEnabled = security,
            AllowedAddressPairs = request.AllowedAddressPairs,
            HostId = request.HostId is { Length: > 0 } host ? host : null,
            VnicType = request.VnicType,
            Profile = request.Profile,
            DnsName = request.DnsName,
            DnsDomain = request.DnsDomain,
            ExtraDhcpOpts = Merge([], request.ExtraDhcpOpts),
            Tags = request.Tags,
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
            MadeForInstance = request.MadeForInstance,
            NicIndex = request.NicIndex,
            NicTag = request.NicTag,
        };
        return port;
    }

    /// <summary>The port as a user changed it, its addresses aside.</summary>
    public static PortState Apply(PortState port, PortChange change, DateTimeOffset now)
    {
        if (change.MacAddress is { } mac && mac != port.MacAddress)
        {
            if (port.IsTrusted)
            {
                throw Fault.Conflict("UnsupportedPortDeviceOwner",
                    $"Operation mac address update is not supported for device_owner {port.DeviceOwner} on port {port.Id}.");
            }

            if (port.HostId is not null)
            {
                throw Fault.Conflict("PortBound",
                    $"Unable to complete operation on port {port.Id}, port is already bound, port type: bridge, "
                    + $"old_mac {port.MacAddress}, new_mac {mac}.");
            }
        }

        var host = change.HostId is null ? port.HostId : change.HostId.Length == 0 ? null : change.HostId;
        var moved = host != port.HostId || (change.DeviceId is { } device && device != port.DeviceId);
        return port.Touched(now) with
        {
            Name = change.Name ?? port.Name,
            Description = change.Description ?? port.Description,
            AdminStateUp = change.AdminStateUp ?? port.AdminStateUp,
            MacAddress = change.MacAddress ?? port.MacAddress,
            DeviceId = change.DeviceId ?? port.DeviceId,
            DeviceOwner = change.DeviceOwner ?? port.DeviceOwner,
            SecurityGroups = change.SecurityGroups ?? port.SecurityGroups,
            PortSecurityEnabled = change.PortSecurityEnabled ?? port.PortSecurityEnabled,
            AllowedAddressPairs = change.AllowedAddressPairs ?? port.AllowedAddressPairs,
            HostId = host,
            VnicType = change.VnicType ?? port.VnicType,
            Profile = change.Profile ?? port.Profile,
            DnsName = change.DnsName ?? port.DnsName,
            DnsDomain = change.DnsDomain ?? port.DnsDomain,
            ExtraDhcpOpts = Merge(port.ExtraDhcpOpts, change.ExtraDhcpOpts ?? []),
            Tags = change.Tags ?? port.Tags,
            Status = moved && port.Status == PortStatus.Active ? PortStatus.Down : port.Status,
        };
    }

    /// <summary>Options are changed one by one, known by name and version: one without a value goes, one that is not named stays. An empty
    /// value changes nothing where it says nothing.</summary>
    private static IReadOnlyList<DhcpOption> Merge(IReadOnlyList<DhcpOption> options, IReadOnlyList<DhcpOption> changes)
    {
        var merged = options.ToList();
        foreach (var change in changes)
        {
            var at = merged.FindIndex(option => option.Name == change.Name && option.IpVersion == change.IpVersion);
            if (at < 0 && change.HasValue)
                merged.Add(change);
            else if (at >= 0 && change.Value is null)
                merged.RemoveAt(at);
            else if (at >= 0 && change.HasValue)
                merged[at] = change;
        }

        return merged;
    }

    /// <summary>What must hold of a whole port.</summary>
    public static void Check(PortState port, bool groupsNamed)
    {
        if (port.IsTrusted && !groupsNamed)
            return;
        if (port.SecurityGroups.Count > 0 && (!port.PortSecurityEnabled || port.FixedIps.Count == 0))
        {
            throw groupsNamed
                ? Fault.BadRequest("PortSecurityAndIPRequiredForSecurityGroups",
                    "Port security must be enabled and port must have an IP address in order to use security groups.")
                : Fault.Conflict("PortSecurityPortHasSecurityGroup",
                    "Port has security group associated. Cannot disable port security or IP address until security group is removed.");
        }

        if (port.AllowedAddressPairs.Count == 0)
            return;
        if (!port.PortSecurityEnabled)
        {
            throw Fault.Conflict("AddressPairAndPortSecurityRequired",
                "Port Security must be enabled in order to have allowed address pairs on a port.");
        }

        if (port.AllowedAddressPairs.Count > MostAddressPairs)
        {
            throw Fault.BadRequest("AllowedAddressPairExhausted",
                $"The number of allowed address pair exceeds the maximum {MostAddressPairs}.");
        }
    }
}
