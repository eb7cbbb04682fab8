using System.Net.Http.Json;
using Fabric.Grains.Identity;
using Fabric.Tests.Silo;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Identity;

/// <summary>Many guesses at once: so many count as the operator allows, and a lock that holds lets nobody through.</summary>
public sealed class LockoutRaceTests
{
    private const int Most = 5;
    private const int Guesses = 50;

    [Fact]
    public void Guesses_while_it_holds_neither_count_nor_make_it_longer()
    {
        var rules = new SecurityComplianceOptions { LockoutFailureAttempts = 2, LockoutDuration = TimeSpan.FromMinutes(30) };
        var now = DateTimeOffset.UnixEpoch;
        var login = new UserLoginState { UserId = new("u"), CreatedAt = now };
        login = login.Fail(rules, now).Fail(rules, now.AddMinutes(1));
        Assert.Equal((2, true), (login.Failures, login.IsLocked(rules, now.AddMinutes(1))));
        Assert.Equal(login, login.Fail(rules, now.AddMinutes(30)));
        Assert.False(login.IsLocked(rules, now.AddMinutes(31)));
        Assert.Equal((1, now.AddMinutes(31)), (login.Fail(rules, now.AddMinutes(31)).Failures, now.AddMinutes(31)));
    }

    [Fact]
    public async Task A_right_password_that_comes_after_the_lock_neither_passes_nor_opens_it()
    {
        var cloud = new IdentityCloud { Options = Rules };
        await cloud.InitializeAsync();
        var login = cloud.Get<IGrainFactory>().GetGrain<IUserLoginGrain>("somebody");
        var answers = new List<Task<bool>>();
        // In this order at the grain, whatever order their hashes were done in.
        for (var guess = 0; guess < Most; guess++)
            await login.Failed();
        for (var right = 0; right < 3; right++)
            answers.Add(login.Succeeded(mayBeLocked: true));
        var passed = await Task.WhenAll(answers);
        Assert.Equal([false, false, false], passed);
        Assert.True(await login.Succeeded(mayBeLocked: false));
        Assert.True(await login.Succeeded(mayBeLocked: true));
        await cloud.DisposeAsync();
    }

    [SkippableFact]
    public async Task Guesses_at_three_gateways_at_once_lock_a_user_out_after_as_many_as_at_one()
    {
        await using var cluster = await GatewayCluster.Start(new Dictionary<string, string>
        {
            ["Identity__SecurityCompliance__LockoutFailureAttempts"] = $"{Most}",
            ["Identity__PasswordRounds"] = "1000",
            ["Identity__PasswordMemory"] = "00:00:00",
        });
        HttpClient[] gateways =
        [
            await cluster.Admin(await cluster.Gateway("one", 0)),
            await cluster.Admin(await cluster.Gateway("two", 0)),
            await cluster.Admin(await cluster.Gateway("three", 0)),
        ];
        for (var round = 0; round < 5; round++)
        {
            var user = await Make(gateways[0], $"hammered-{round}");
            // One fewer than lock out, and nobody is.
            for (var guess = 1; guess < Most; guess++)
                Assert.Equal(401, await Login(gateways[guess % 3], user, "wrong"));
            Assert.Equal(201, await Login(gateways[0], user, "right"));

            var wrong = await Task.WhenAll(Enumerable.Range(0, Guesses).Select(guess => Login(gateways[guess % 3], user, "wrong")));
            Assert.All(wrong, static status => Assert.Equal(401, status));
            // All that was answered counts, at each gateway at once, and however many try.
            var right = await Task.WhenAll(Enumerable.Range(0, 12).Select(one => Login(gateways[one % 3], user, "right")));
            Assert.All(right, static status => Assert.Equal(401, status));
        }
    }

    private static void Rules(IdentityOptions options) => options.SecurityCompliance = new() { LockoutFailureAttempts = Most };

    private static async Task<string> Make(HttpClient gateway, string name)
    {
        using var answer = await gateway.PostAsJsonAsync("/identity/v3/users", new { user = new { name, password = "right" } });
        Assert.Equal(201, (int)answer.StatusCode);
        return System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("user")
            .GetProperty("id").GetString()!;
    }

    private static async Task<int> Login(HttpClient gateway, string user, string password)
    {
        using var answer = await gateway.PostAsJsonAsync("/identity/v3/auth/tokens", new
        {
            auth = new { identity = new { methods = new[] { "password" }, password = new { user = new { id = user, password } } } },
        });
        return (int)answer.StatusCode;
    }
}
