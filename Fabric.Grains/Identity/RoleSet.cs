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

    /// <summary>A role and all that it implies, however far, each with the role that implies it: once for each of these. Nothing when
    /// there is no such role.</summary>
    public IEnumerable<(RoleState Role, RoleId? Prior)> Chain(RoleId held)
    {
        var seen = new HashSet<(RoleId, RoleId?)>();
        var next = new Queue<(RoleId Id, RoleId? Prior)>([(held, null)]);
        while (next.TryDequeue(out var step))
        {
            if (Find(step.Id) is not { } role || !seen.Add((step.Id, step.Prior)))
                continue;
            yield return (role, step.Prior);
            foreach (var implied in role.Implies)
                next.Enqueue((implied, role.Id));
        }
    }

    /// <summary>What a token of somebody with these roles holds: they and all that they imply, but for roles of one user domain, which only
    /// stand for those they imply.</summary>
    public IReadOnlyList<RoleState> Effective(IEnumerable<RoleId> given) =>
        [.. Expand(given).Where(static role => role.DomainId is null)];

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
