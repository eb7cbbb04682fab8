using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Finds what a login names, and proves users by their passwords. Whatever is wrong with a proof, the answer is the same and takes
/// as long.</summary>
internal sealed class UserProof(IdentityIndex index, PasswordProof passwords, TimeProvider time)
{
    /// <summary>The user, if it is the user's password; throws 401 when it is not. One that has expired is good for changing it
    /// alone.</summary>
    internal async Task<UserState> ProvePassword(NamedThing named, string password, bool mayBeExpired, HttpContext http)
    {
        var ct = http.RequestAborted;
        var user = await passwords.Prove(await FindUser(named, ct), password, PlaceOf(http), ct);
        return user.PasswordIsExpired(time.GetUtcNow()) && !mayBeExpired ? throw PasswordProof.Expired(user) : user;
    }

    /// <summary>Where a client is. Whom it names says nothing here: guesses at users that there are must not have a queue that guesses at
    /// others have not.</summary>
    internal static string PlaceOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";

    internal async Task<UserState?> FindUser(NamedThing named, CancellationToken ct)
    {
        if (!named.HasName)
            return await index.FindUser(named.Id!, ct);
        return await FindDomain(named.Domain!, ct) is { } domain ? await index.FindUserByName(domain.Id, named.Name!, ct) : null;
    }

    internal async Task<ProjectState?> FindProject(NamedThing named, CancellationToken ct)
    {
        if (!named.HasName)
            return named.Id is { } id ? await index.FindProject(id, ct) : null;
        return await FindDomain(named.Domain!, ct) is { } domain ? await index.FindProjectByName(domain.Id, named.Name!, ct) : null;
    }

    internal async Task<UserDomainState?> FindDomain(NamedThing named, CancellationToken ct)
    {
        if (named.HasName)
            return await index.FindDomainByName(named.Name!, ct);
        return named.Id is { } id ? await index.FindDomain(id, ct) : null;
    }
}
