using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>As whom identity providers know a user: the member <c>federated</c> of a user's body.</summary>
internal static class FederatedLinks
{
    private const string Member = "federated";

    /// <summary>What a body gives; null when it gives nothing, which changes nothing.</summary>
    internal static JsonElement? Given(IdentityBody body) =>
        body.Items(Member) is { } links && links.GetArrayLength() > 0 ? links : null;

    /// <summary>What a body gives, each provider and protocol of which must be there; null when it gives nothing.</summary>
    internal static async Task<IReadOnlyList<FederatedIdentity>?> Read(Call call, IdentityBody body)
    {
        if (Given(body) is not { } given)
            return null;
        var links = new List<FederatedIdentity>();
        foreach (var one in given.EnumerateArray())
        {
            var id = one.GetProperty("idp_id").GetString()!;
            var provider = await call.Get<FederationIndex>().FindProvider(id, call.Aborted)
                ?? throw Fault.BadRequest("ValidationError", $"Could not find Identity Provider: {id}");
            foreach (var protocol in one.GetProperty("protocols").EnumerateArray())
            {
                var link = new FederatedIdentity(
                    id, protocol.GetProperty("protocol_id").GetString()!, protocol.GetProperty("unique_id").GetString()!);
                if (provider.Protocol(link.ProtocolId) is null)
                {
                    throw Fault.BadRequest("ValidationError",
                        $"Could not find federated protocol {link.ProtocolId} for Identity Provider: {id}.");
                }

                ProviderEndpoints.RequireLength("unique_id", link.UniqueId, 255);
                links.Add(!links.Contains(link) ? link : throw IdentityFaults.Duplicate("federated_user", "Duplicate entry"));
            }
        }

        return links;
    }

    /// <summary>The links by provider, as Keystone shows them.</summary>
    internal static object Body(IReadOnlyList<FederatedIdentity> links) => links.GroupBy(static link => link.ProviderId).Select(
        static provider => new
        {
            idp_id = provider.Key,
            protocols = provider.Select(static link => new { protocol_id = link.ProtocolId, unique_id = link.UniqueId }).ToArray(),
        }).ToArray();

    /// <summary>Which federated users a list asks for; null when for all users.</summary>
    internal static FederatedFilter? Filter(Call call) =>
        (call.Query("idp_id"), call.Query("protocol_id"), call.Query("unique_id")) is var (provider, protocol, unique)
            && (provider ?? protocol ?? unique) is not null ? new(provider, protocol, unique) : null;
}
