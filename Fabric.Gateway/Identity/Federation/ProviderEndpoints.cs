using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Federation;

/// <summary><c>/OS-FEDERATION/identity_providers</c></summary>
internal static class ProviderEndpoints
{
    private const string Member = "identity_provider";

    /// <summary>Longest id of anything in federation, in Keystone's words for what is longer.</summary>
    private const int LongestId = 64;
    private const int LongestRemoteId = 255;

    internal static async Task<IResult> List(Call call)
    {
        var providers = await call.Get<FederationIndex>().Providers(call.Aborted);
        return IdentityReplies.List(
            call, "identity_providers", providers.Select(provider => Body(provider, call)).Filter(call, "id", "enabled"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member(Member, Body(await Find(call), call));

    internal static async Task<IResult> Create(Call call)
    {
        var id = call.Path("idp_id");
        RequireLength("id", id, LongestId);
        var body = IdentityBody.Of(call, Member);
        // Asked before a user domain is made for nothing; the grain asks again.
        if (await call.Get<FederationIndex>().FindProvider(id, call.Aborted) is not null)
            throw FederationFaults.DuplicateProvider(id);
        var asked = body.Text("domain_id");
        var domain = asked is null ? await MakeDomain(call, id) : await FindDomain(call, asked);
        try
        {
            var provider = await call.Grains.GetGrain<IIdentityProviderGrain>(id).Create(new()
            {
                DomainId = domain,
                Enabled = body.Bool("enabled") ?? false,
                Description = body.Text("description"),
                RemoteIds = RemoteIds(body) ?? [],
                AuthorizationTtl = Number(call, "authorization_ttl"),
            });
            return IdentityReplies.Member(Member, AsGiven(provider, body, call), 201);
        }
        catch (Fault refused) when (refused.Kind == FaultKind.Conflict && asked is null)
        {
            await DropDomain(call, domain);
            throw;
        }
    }

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, Member);
        var changed = await call.Grains.GetGrain<IIdentityProviderGrain>((await Find(call)).Id).Update(new()
        {
            Enabled = body.Bool("enabled"),
            Description = body.Text("description"),
            ClearDescription = body.IsNull("description"),
            RemoteIds = body.IsNull("remote_ids") ? [] : RemoteIds(body),
            AuthorizationTtl = Number(call, "authorization_ttl"),
            ClearAuthorizationTtl = body.IsNull("authorization_ttl"),
        });
        return IdentityReplies.Member(Member, AsGiven(changed, body, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<FederationRemoval>().RemoveProvider((await Find(call)).Id, call.Aborted);
        return Reply.Empty();
    }

    /// <summary>The provider of the path.</summary>
    internal static async Task<IdentityProviderState> Find(Call call)
    {
        var id = call.Path("idp_id");
        return await call.Get<FederationIndex>().FindProvider(id, call.Aborted) ?? throw FederationFaults.NoProvider(id);
    }

    /// <summary>What is longer than Keystone's column for it is refused in its words.</summary>
    internal static void RequireLength(string column, string text, int most = LongestId)
    {
        if (text.Length > most)
        {
            throw Fault.BadRequest("StringLengthExceeded",
                $"String length exceeded. The length of string '{text}' exceeds the limit of column {column}(CHAR({most})).");
        }
    }

    private static Dictionary<string, object?> Body(IdentityProviderState provider, Call call)
    {
        var self = $"{call.BaseUrl}/OS-FEDERATION/identity_providers/{provider.Id}";
        return new()
        {
            ["id"] = provider.Id,
            ["domain_id"] = provider.DomainId.Text,
            ["enabled"] = provider.Enabled,
            ["description"] = provider.Description,
            ["remote_ids"] = provider.RemoteIds,
            ["authorization_ttl"] = provider.AuthorizationTtl,
            ["links"] = new { self, protocols = self + "/protocols" },
        };
    }

    // Whoever writes reads remote ids in the order in which they were given; all others in their own.
    private static Dictionary<string, object?> AsGiven(IdentityProviderState provider, IdentityBody body, Call call) =>
        Body(body.Texts("remote_ids") is { } ids ? provider with { RemoteIds = ids } : provider, call);

    private static IReadOnlyList<string>? RemoteIds(IdentityBody body)
    {
        var ids = body.Texts("remote_ids");
        foreach (var id in ids ?? [])
            RequireLength("remote_id", id, LongestRemoteId);
        return ids;
    }

    private static long? Number(Call call, string name) =>
        call.Body.TryGetProperty(Member, out var body) && body.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    private static async Task<UserDomainId> FindDomain(Call call, string id) =>
        (await call.Get<IdentityIndex>().FindDomain(id, call.Aborted) ?? throw IdentityFaults.NotFound("domain", id)).Id;

    // The domain is made first: who dies in between leaves an empty domain, never a provider whose users have none.
    private static async Task<UserDomainId> MakeDomain(Call call, string provider)
    {
        var id = UserDomainId.New();
        await call.Grain<IUserDomainGrain>(id).Create(new()
        {
            Id = id,
            Name = id.Text,
            Description = "Auto generated federated domain for Identity Provider: " + provider,
        });
        return id;
    }

    private static async Task DropDomain(Call call, UserDomainId id)
    {
        var domain = await call.Grain<IUserDomainGrain>(id).Update(new() { Enabled = false });
        await call.Get<IdentityRemoval>().RemoveDomain(domain, call.Aborted);
    }
}
