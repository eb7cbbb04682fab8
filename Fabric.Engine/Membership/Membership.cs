using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Engine;

/// <summary>One silo as the others see it.</summary>
internal sealed record SiloMember(SiloAddress Address, SiloStatus Status, SiloMetadata Metadata, string Name)
{
    /// <summary>The tag whose value says for which kinds of grains a silo is there, with commas between.</summary>
    internal const string RolesTag = "roles";

    /// <summary>The role of silos that hold grains which do not say where they live.</summary>
    internal const string ControlRole = "control";

    /// <summary>A silo without the tag has every role.</summary>
    internal bool HasRole(string role) => !Metadata.Metadata.TryGetValue(RolesTag, out var roles)
        || roles.Split(',', StringSplitOptions.TrimEntries).Contains(role, StringComparer.Ordinal);
}

/// <summary>Who is in the cluster, at one version. Placement is a pure function of it.</summary>
internal sealed class MembershipView
{
    private readonly ConcurrentDictionary<string, SiloAddress[]> _byRole = new(StringComparer.Ordinal);

    internal MembershipView(MembershipVersion version, ImmutableArray<SiloMember> members)
    {
        Version = version;
        Members = members;
        Active = Usable(members);
        Control = InRole(SiloMember.ControlRole);
    }

    internal MembershipVersion Version { get; }

    internal ImmutableArray<SiloMember> Members { get; }

    /// <summary>In one order everywhere.</summary>
    internal SiloAddress[] Active { get; }

    /// <summary>Those of the active that hold grains which do not say where they live.</summary>
    internal SiloAddress[] Control { get; }

    internal SiloAddress[] InRole(string role) => _byRole.GetOrAdd(role,
        static (name, view) => Usable(view.Members.Where(member => member.HasRole(name))), this);

    internal SiloMember? Find(SiloAddress address) => Members.FirstOrDefault(member => member.Address.Equals(address));

    /// <summary>This life was declared dead, or another has followed on it. Who is not known is not dead: it may be joining.</summary>
    internal bool IsDead(SiloAddress address) => Members.Any(member => member.Status == SiloStatus.Dead
        ? member.Address.Equals(address)
        : member.Address.IsSuccessorOf(address));

    /// <summary>The life of this silo that runs by now, if another followed on the one that is named.</summary>
    internal SiloMember? FindLater(SiloAddress address) => Members.FirstOrDefault(member =>
        member.Status != SiloStatus.Dead && (member.Address.Equals(address) || member.Address.IsSuccessorOf(address)));

    /// <summary>The active ones. When all are about to leave, those who have not left: the last serves itself till the end.</summary>
    private static SiloAddress[] Usable(IEnumerable<SiloMember> members)
    {
        var list = members.ToList();
        return [.. list.Where(member => member.Status == (list.Exists(each => each.Status == SiloStatus.Active)
            ? SiloStatus.Active : SiloStatus.ShuttingDown)).Select(member => member.Address).Order()];
    }
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
