using Fabric.Gateway.Http;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Federation;

/// <summary><c>/OS-FEDERATION/service_providers</c></summary>
internal static class ServiceProviderEndpoints
{
    private const string Member = "service_provider";
    private const int LongestPrefix = 256;

    internal static async Task<IResult> List(Call call)
    {
        var providers = await call.Get<FederationIndex>().ServiceProviders(call.Aborted);
        return IdentityReplies.List(
            call, "service_providers", providers.Select(provider => Body(provider, call)).Filter(call, "id", "enabled"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member(Member, Body(await Find(call), call));

    internal static async Task<IResult> Create(Call call)
    {
        var id = call.Path("sp_id");
        ProviderEndpoints.RequireLength("id", id);
        var body = IdentityBody.Of(call, Member);
        var provider = await call.Grains.GetGrain<IServiceProviderGrain>(id).Create(new()
        {
            Id = id,
            Enabled = body.Bool("enabled") ?? false,
            Description = body.Text("description"),
            AuthUrl = body.Text("auth_url")!,
            SpUrl = body.Text("sp_url")!,
            RelayStatePrefix = Prefix(body) ?? ServiceProviderState.DefaultRelayStatePrefix,
        });
        return IdentityReplies.Member(Member, Body(provider, call), 201);
    }

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, Member);
        var changed = await call.Grains.GetGrain<IServiceProviderGrain>((await Find(call)).Id).Update(new()
        {
            Enabled = body.Bool("enabled"),
            Description = body.Text("description"),
            ClearDescription = body.IsNull("description"),
            AuthUrl = body.Text("auth_url"),
            SpUrl = body.Text("sp_url"),
            RelayStatePrefix = body.IsNull("relay_state_prefix") ? ServiceProviderState.DefaultRelayStatePrefix : Prefix(body),
        });
        return IdentityReplies.Member(Member, Body(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Grains.GetGrain<IServiceProviderGrain>((await Find(call)).Id).Delete();
        return Reply.Empty();
    }

    private static async Task<ServiceProviderState> Find(Call call)
    {
        var id = call.Path("sp_id");
        return await call.Get<FederationIndex>().FindServiceProvider(id, call.Aborted) ?? throw FederationFaults.NoServiceProvider(id);
    }

    private static string? Prefix(IdentityBody body)
    {
        var prefix = body.Text("relay_state_prefix");
        ProviderEndpoints.RequireLength("relay_state_prefix", prefix ?? "", LongestPrefix);
        return prefix;
    }

    private static Dictionary<string, object?> Body(ServiceProviderState provider, Call call) => new()
    {
        ["id"] = provider.Id,
        ["enabled"] = provider.Enabled,
        ["description"] = provider.Description,
        ["auth_url"] = provider.AuthUrl,
        ["sp_url"] = provider.SpUrl,
        ["relay_state_prefix"] = provider.RelayStatePrefix,
        ["links"] = IdentityReplies.SelfLink(call, "OS-FEDERATION/service_providers", provider.Id),
    };
}
