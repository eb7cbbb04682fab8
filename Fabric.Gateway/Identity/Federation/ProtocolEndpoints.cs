using Fabric.Gateway.Http;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Federation;

/// <summary><c>/OS-FEDERATION/identity_providers/{id}/protocols</c></summary>
internal static class ProtocolEndpoints
{
    private const string Member = "protocol";

    /// <summary>A provider that is not there has no protocols, and the list says just that.</summary>
    internal static async Task<IResult> List(Call call)
    {
        var provider = await call.Get<FederationIndex>().FindProvider(call.Path("idp_id"), call.Aborted);
        return IdentityReplies.List(call, "protocols", (provider?.Protocols ?? [])
            .OrderBy(static protocol => protocol.Id, StringComparer.Ordinal).Select(protocol =>
        {
            // The list shows more than a single one does.
            var body = Body(protocol, call);
            body["idp_id"] = provider!.Id;
            body["remote_id_attribute"] = protocol.RemoteIdAttribute;
            return body;
        }));
    }

    internal static async Task<IResult> Show(Call call)
    {
        var (providerId, id) = (call.Path("idp_id"), call.Path("protocol_id"));
        var provider = await call.Get<FederationIndex>().FindProvider(providerId, call.Aborted);
        return IdentityReplies.Member(
            Member, Body(provider?.Protocol(id) ?? throw FederationFaults.NoProtocol(providerId, id), call));
    }

    internal static async Task<IResult> Create(Call call)
    {
        var id = call.Path("protocol_id");
        ProviderEndpoints.RequireLength("id", id);
        var body = IdentityBody.Of(call, Member);
        var mapping = await FindMapping(call, body.Text("mapping_id")!);
        var provider = await ProviderEndpoints.Find(call);
        var protocol = await call.Grains.GetGrain<IIdentityProviderGrain>(provider.Id).AddProtocol(new()
        {
            Id = id,
            MappingId = mapping,
            RemoteIdAttribute = body.Text("remote_id_attribute"),
        });
        return IdentityReplies.Member(Member, Body(protocol, call), 201);
    }

    internal static async Task<IResult> Update(Call call)
    {
        var (providerId, id) = (call.Path("idp_id"), call.Path("protocol_id"));
        var body = IdentityBody.Of(call, Member);
        var mapping = body.Text("mapping_id") is { } asked ? await FindMapping(call, asked) : null;
        if (await call.Get<FederationIndex>().FindProvider(providerId, call.Aborted) is null)
            throw FederationFaults.NoProtocol(providerId, id);
        var grain = call.Grains.GetGrain<IIdentityProviderGrain>(providerId);
        return IdentityReplies.Member(
            Member, Body(await grain.ChangeProtocol(id, mapping, body.Text("remote_id_attribute")), call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var (providerId, id) = (call.Path("idp_id"), call.Path("protocol_id"));
        var provider = await call.Get<FederationIndex>().FindProvider(providerId, call.Aborted)
            ?? throw FederationFaults.NoProtocol(providerId, id);
        await call.Get<FederationRemoval>().RemoveProtocol(provider, id, call.Aborted);
        return Reply.Empty();
    }

    // The links are Keystone's, which leaves out what stands above the protocol.
    private static Dictionary<string, object?> Body(FederationProtocol protocol, Call call) => new()
    {
        ["id"] = protocol.Id,
        ["mapping_id"] = protocol.MappingId,
        ["links"] = new
        {
            self = $"{call.BaseUrl}/protocols/{protocol.Id}",
            identity_provider = $"{call.BaseUrl}/{call.Path("idp_id")}",
        },
    };

    private static async Task<string> FindMapping(Call call, string id) =>
        (await call.Get<FederationIndex>().FindMapping(id, call.Aborted) ?? throw FederationFaults.BadMappingId(id)).Id;
}
