using System.Collections.Frozen;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>All roles at one moment, and what they imply. Immutable.</summary>
public sealed class RoleSet(IReadOnlyList<RoleState> roles)
{
    private readonly FrozenDictionary<RoleId, RoleState> byId = roles.ToFrozenDictionary(static role => role.Id);

    /// <summary>Every role.</summary>
    public IReadOnlyList<RoleState> All => roles;

    /// <summary>The role of that id, or null.</summary>
    public RoleState? Find(RoleId id) => byId.GetValueOrDefault(id);

    /// <summary>The roles given and all that they imply, however far; each once, and those given first. Ids that name no role fall away;
    /// circles of implication end.</summary>
    public IReadOnlyList<RoleState> Expand(IEnumerable<RoleId> given)
    {
        var found = new List<RoleState>();
        var seen = new HashSet<RoleId>();
        var next = new Queue<RoleId>(given);
        while (next.TryDequeue(out var id))
        {
            if (!seen.Add(id) || Find(id) is not { } role)
                continue;
            found.Add(role);
            foreach (var implied in role.Implies)
                next.Enqueue(implied);
        }

        return found;
    }
}
