using System.Net;
using Fabric.Tests.Kit;
using Fabric.Tests.Silo;

namespace Fabric.Tests.Identity;

/// <summary>What gateways do with tokens when something of the cloud is away: none lets one through that may have ended.</summary>
public sealed class RevocationOutageTests
{
    /// <summary>What a good token hears.</summary>
    private const int Accepted = 200;

    /// <summary>Within this time every gateway refuses what was revoked: the promise, not a measure of this machine.</summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);

    [SkippableFact]
    public async Task A_revoked_token_is_refused_by_each_gateway_that_starts_again()
    {
        await using var cluster = await GatewayCluster.Start();
        var (one, two) = (await cluster.Gateway("one", 0), await cluster.Gateway("two", 0));
        var (first, second) = (await cluster.Admin(one), await cluster.Admin(two));
        var (ended, good) = (Token(second), Token(first));
        Assert.Equal(Accepted, await Status(one, ended));
        await Revoke(first, ended);
        foreach (var gateway in (FabricProcess[])[one, two])
        {
            await gateway.Stop();
            var again = await cluster.Gateway(gateway == one ? "one" : "two", 0);
            Assert.Equal((401, Accepted), (await Status(again, ended), await Status(again, good)));
        }
    }

    [SkippableFact]
    public async Task A_gateway_that_cannot_ask_the_database_lets_nobody_through_and_knows_afterwards_what_has_ended()
    {
        await using var server = await PrivatePostgres.Start();
        await using var cluster = await GatewayCluster.Start(database: await server.CreateDatabase());
        var (one, two) = (await cluster.Gateway("one", 0), await cluster.Gateway("two", 0));
        var (first, second) = (await cluster.Admin(one), await cluster.Admin(two));
        var ended = Token(second);
        Assert.Equal(Accepted, await Status(one, ended));

        server.Freeze();
        await Task.Delay(Promised);
        var meanwhile = Enumerable.Range(0, 5).Select(_ => Status(one, ended)).ToArray();
        await Task.Delay(Promised);
        Assert.All(meanwhile, static answer => Assert.False(answer is { IsCompletedSuccessfully: true, Result: Accepted }));
        server.Thaw();
        await Task.WhenAll(meanwhile);

        await Revoke(first, ended);
        await Task.Delay(Promised);
        Assert.Equal((401, 401), (await Status(one, ended), await Status(two, ended)));

        var good = Token(first);
        Assert.Equal(Accepted, await Status(two, good));
        await server.Kill();
        await Task.Delay(Promised);
        // Its clients are told to come again, rather than that the token is none.
        Assert.Equal(503, await Status(two, good));
        await server.Restart();
    }

    private static string Token(HttpClient client) => client.DefaultRequestHeaders.GetValues("X-Auth-Token").Single();

    private static async Task Revoke(HttpClient by, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/identity/v3/auth/tokens");
        request.Headers.Add("X-Subject-Token", token);
        using var answer = await by.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    private static async Task<int> Status(FabricProcess gateway, string token)
    {
        using var client = new HttpClient { BaseAddress = gateway.Address };
        client.DefaultRequestHeaders.Add("X-Auth-Token", token);
        using var answer = await client.GetAsync("/identity/v3/auth/catalog");
        return (int)answer.StatusCode;
    }
}
