using System.Collections.Immutable;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Engine;

/// <summary>One silo as the others see it.</summary>
internal sealed record SiloMember(SiloAddress Address, SiloStatus Status, SiloMetadata Metadata, string Name);

/// <summary>Who is in the cluster, at one version. Placement is a pure function of it.</summary>
internal sealed class MembershipView
{
    internal MembershipView(MembershipVersion version, ImmutableArray<SiloMember> members)
    {
        Version = version;
        Members = members;
        Active = [.. members.Where(member => member.Status == SiloStatus.Active).Select(member => member.Address).Order()];
    }

    internal MembershipVersion Version { get; }

    internal ImmutableArray<SiloMember> Members { get; }

    /// <summary>In one order everywhere.</summary>
    internal SiloAddress[] Active { get; }

    internal SiloMember? Find(SiloAddress address) => Members.FirstOrDefault(member => member.Address.Equals(address));
}

/// <summary>The view as this silo knows it, and the news of it. Alone, a silo is its own cluster.</summary>
internal sealed class ClusterMembership : ISiloMetadataCache
{
    private readonly Lock _gate = new();
    private volatile MembershipView _current = new(new MembershipVersion(0), []);

    /// <summary>Raised after the view was replaced, one view after the other.</summary>
    internal event Action<MembershipView>? Changed;

    internal MembershipView Current => _current;

    public SiloMetadata GetSiloMetadata(SiloAddress siloAddress) => _current.Find(siloAddress)?.Metadata ?? SiloMetadata.Empty;

    /// <summary>Takes over a view, unless a later one is already known.</summary>
    internal bool Replace(MembershipView view)
    {
        lock (_gate)
        {
            if (view.Version <= _current.Version)
                return false;
            _current = view;
            Changed?.Invoke(view);
            return true;
        }
    }

    /// <summary>Sets what this silo says of itself, in the next version.</summary>
    internal void Set(SiloMember member)
    {
        lock (_gate)
        {
            var others = _current.Members.RemoveAll(each => each.Address.Equals(member.Address));
            Replace(new MembershipView(new MembershipVersion(_current.Version.Value + 1), others.Add(member)));
        }
    }
}
