using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Operator;

/// <summary>
/// Removes users that are here only because an identity provider vouched for them, with all that hangs on them: what
/// <c>keystone-manage mapping_purge</c> is for. One who comes again gets the same id and starts anew. Filters hold together:
/// <see cref="DomainName"/>, <see cref="PublicId"/>, <see cref="LocalId"/>, <see cref="Type"/>; none means all.
/// </summary>
internal sealed class MappingPurge(IdentityIndex index, IdentityRemoval removal) : IOperatorWork
{
    /// <summary>Filter: the name of the user domain they are in.</summary>
    internal const string DomainName = "domain-name";

    /// <summary>Filter: the id of the user here.</summary>
    internal const string PublicId = "public-id";

    /// <summary>Filter: what the provider calls the user.</summary>
    internal const string LocalId = "local-id";

    /// <summary>Filter: <c>user</c>, or <c>group</c>, of which providers make none.</summary>
    internal const string Type = "type";

    public IReadOnlyList<string> Names => [OperatorRequest.MappingPurge];

    public async Task<string> Do(OperatorRequest request, CancellationToken ct)
    {
        var filters = request.Filters;
        var query = new ResourceQuery(IdentityKinds.User) { Sort = ResourceSort.Id, Descending = false };
        if (filters.TryGetValue(PublicId, out var id))
            query = query with { Ids = [id] };
        if (filters.TryGetValue(DomainName, out var name))
        {
            var domain = await index.FindDomainByName(name, ct)
                ?? throw Fault.NotFound("DomainNotFound", $"Could not find domain: {name}.");
            query = query.WithRef("domain", domain.Id.Text);
        }

        var removed = 0;
        foreach (var user in filters.GetValueOrDefault(Type) == "group" ? [] : await index.Records.List<UserState>(query, ct))
        {
            if (user.Shadow is not { } shadow || (filters.TryGetValue(LocalId, out var local) && local != shadow.UniqueId))
                continue;
            await removal.RemoveUser(user.Id, ct);
            removed++;
        }

        return $"Removed {removed} users that identity providers vouched for.";
    }
}
