using Fabric.Grains.Identity.Operator;
using static Fabric.Tests.Identity.Federation.FederationKit;

namespace Fabric.Tests.Identity.Federation;

/// <summary>An operator removes users whom identity providers vouched for.</summary>
public sealed class MappingPurgeTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>, IDisposable
{
    private readonly FederationKit kit = new(cloud);
    private readonly OidcIssuer issuer = new();

    public void Dispose() => issuer.Dispose();

    [Fact]
    public async Task A_purge_removes_those_meant_and_nobody_else()
    {
        var file = Guid.NewGuid().ToString("N") + ".jwks";
        await File.WriteAllTextAsync(Path.Combine(kit.Folder(), file), issuer.Jwks());
        var idp = await kit.Trusted("openid", new { openid = new { issuer = Issuer, audiences = new[] { Audience }, jwks_file = file } },
            [Rule([new { user = new { id = "{0}", name = "{1}" } }], "OIDC-sub", "OIDC-preferred_username")]);
        var own = (await cloud.Do("POST", "/users", new { user = new { name = "own", domain_id = idp.Domain } }))
            .GetProperty("user").GetProperty("id").GetString()!;
        var one = await Shadow(idp, "p-1");
        var two = await Shadow(idp, "p-2");
        var three = await Shadow(idp, "p-3");

        await Purge((MappingPurge.PublicId, own));
        await Purge((MappingPurge.LocalId, "p-1"), (MappingPurge.Type, "group"));
        Assert.Equal((200, 200, 200, 200), (await Seen(own), await Seen(one), await Seen(two), await Seen(three)));

        await Purge((MappingPurge.LocalId, "p-1"));
        await Purge((MappingPurge.PublicId, two));
        Assert.Equal((200, 404, 404, 200), (await Seen(own), await Seen(one), await Seen(two), await Seen(three)));

        var domain = (await cloud.Do("GET", "/domains/" + idp.Domain)).GetProperty("domain").GetProperty("name").GetString()!;
        await Purge((MappingPurge.DomainName, domain));
        Assert.Equal((200, 404), (await Seen(own), await Seen(three)));
        Assert.Equal(one, await Shadow(idp, "p-1"));

        var unknown = await Ask((MappingPurge.DomainName, "nowhere"));
        Assert.Equal((false, "Could not find domain: nowhere."), (unknown.Done, unknown.Message));
    }

    private async Task<string> Shadow(Provider idp, string name)
    {
        var login = await kit.Bring(idp, issuer.Token(("sub", name)));
        Assert.True(login.Status == 201, $"{login.Status} {login.Body}");
        return login.Body.GetProperty("token").GetProperty("user").GetProperty("id").GetString()!;
    }

    private async Task<int> Seen(string user) => (await cloud.Send("GET", "/users/" + user, null, cloud.Admin)).Status;

    private async Task Purge(params (string Name, string Value)[] filters)
    {
        var answer = await Ask(filters);
        Assert.True(answer.Done, answer.Message);
    }

    private async Task<OperatorAnswer> Ask(params (string Name, string Value)[] filters) =>
        await new OperatorRequest(OperatorRequest.MappingPurge, filters.ToDictionary(filter => filter.Name, filter => filter.Value))
            .Ask(cloud.Folder, TimeSpan.FromMinutes(5), default) ?? throw new Xunit.Sdk.XunitException("nobody answered");
}
