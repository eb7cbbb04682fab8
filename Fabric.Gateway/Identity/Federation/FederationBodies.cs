using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>What federation adds to a token's body (source: <c>keystone/common/render_token.py</c>).</summary>
internal static class FederationBodies
{
    /// <summary>The clouds to which the token can be carried.</summary>
    internal static void Add(Dictionary<string, object?> body, IReadOnlyList<ServiceProviderState> others)
    {
        var enabled = others.Where(static other => other.Enabled).ToArray();
        if (enabled.Length > 0)
        {
            body["service_providers"] =
                enabled.Select(static other => new { auth_url = other.AuthUrl, id = other.Id, sp_url = other.SpUrl }).ToArray();
        }
    }

    /// <summary>Who vouches for the token's user; null when nobody needs to.</summary>
    internal static object? OfUser(TokenPayload payload) => payload.IdentityProviderId is not { } provider ? null : new
    {
        groups = payload.GroupIds.Select(static id => new { id }).ToArray(),
        identity_provider = new { id = provider },
        protocol = new { id = payload.ProtocolId },
    };
}
