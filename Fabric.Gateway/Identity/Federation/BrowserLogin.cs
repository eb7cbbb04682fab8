using Fabric.Gateway.Http;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Where a browser without a proof is sent to fetch one.</summary>
internal sealed class BrowserLogin(FederationIndex federation, OpenIdBrowser openId, SamlRequests saml)
{
    /// <summary>The address; null when the provider does not log browsers in by that protocol.</summary>
    /// <param name="call">The request; its answer may get a cookie.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="path">Where the browser comes back to.</param>
    /// <param name="origin">The dashboard that it came from.</param>
    internal async Task<string?> Address(Call call, string provider, string protocol, PathString path, string origin) =>
        await federation.FindProvider(provider, call.Aborted) is { Enabled: true } known && known.Protocol(protocol) is not null
            ? await openId.Begin(provider, protocol, path, origin, call.Http)
                ?? await saml.LoginAddress(provider, protocol, path, origin, call.Aborted)
            : null;

    /// <summary>The same for a browser that does not say by which provider: when one alone can be meant.</summary>
    internal async Task<string?> Address(Call call, string protocol, string origin)
    {
        var addresses = new List<string>();
        var root = call.Http.Request.Path.Value!.Split("/auth/OS-FEDERATION/")[0];
        foreach (var provider in (await federation.Providers(call.Aborted)).Where(one => one.Protocol(protocol) is not null))
        {
            PathString back = $"{root}/auth/OS-FEDERATION/identity_providers/{provider.Id}/protocols/{protocol}/websso";
            if (await Address(call, provider.Id, protocol, back, origin) is { } address)
                addresses.Add(address);
        }

        return addresses is [var one] ? one : null;
    }
}
