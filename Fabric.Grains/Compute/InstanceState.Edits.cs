using Fabric.Grains.Kernel;

namespace Fabric.Grains.Compute;

/// <summary>Changes by the user that concern no node.</summary>
public sealed partial record InstanceState
{
    /// <summary>A server has at most so many tags (source: <c>nova/objects/instance.py</c>).</summary>
    public const int MostTags = 50;

    /// <summary>Rests in a state that its user brought it to.</summary>
    private bool IsSettled => VmState is VmState.Active or VmState.Stopped or VmState.Paused or VmState.Suspended;

    internal InstanceState Updated(UpdateInstance update, DateTimeOffset now) => this with
    {
        Name = update.Name ?? Name,
        HostName = update.HostName ?? HostName,
        Description = update.SetDescription ? update.Description : Description,
        AccessIpv4 = update.AccessIpv4 ?? AccessIpv4,
        AccessIpv6 = update.AccessIpv6 ?? AccessIpv6,
        AutoDiskConfig = update.AutoDiskConfig ?? AutoDiskConfig,
        UpdatedAt = now,
    };

    internal InstanceState WithMetadata(Change change, IReadOnlyDictionary<string, string> items, int most, DateTimeOffset now)
    {
        InState(change == Change.Remove ? "delete metadata" : "update metadata", IsSettled);
        var next = new Dictionary<string, string>(change == Change.Replace ? Empty.Strings : Metadata, StringComparer.Ordinal);
        foreach (var (key, value) in items)
        {
            if (change != Change.Remove)
                next[key] = value;
            else if (!next.Remove(key))
                throw Kernel.Fault.NotFound("Metadata item was not found");
        }

        if (most >= 0 && next.Count > most)
            throw Kernel.Fault.OverQuota("MetadataLimitExceeded", $"Maximum number of metadata items exceeds {most}");
        return this with { Metadata = next, UpdatedAt = now };
    }

    internal InstanceState WithTags(Change change, IReadOnlyList<string> tags, DateTimeOffset now)
    {
        InState(change == Change.Remove ? "delete tag" : "update tag", IsSettled);
        string[] next = change switch
        {
            Change.Replace => [.. tags.Distinct(StringComparer.Ordinal)],
            Change.Remove => [.. Tags.Except(tags, StringComparer.Ordinal)],
            _ => [.. Tags.Union(tags, StringComparer.Ordinal)],
        };
        if (next.Length > MostTags)
            throw Kernel.Fault.BadRequest($"The number of tags exceeded the per-server limit {MostTags}");
        return this with { Tags = next, UpdatedAt = now };
    }
}
