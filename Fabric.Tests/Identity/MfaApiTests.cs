using System.Text.Json;
using Fabric.Gateway.Identity.Tokens;

namespace Fabric.Tests.Identity;

public sealed class MfaApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private const string Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    private const string Receipt = "Openstack-Auth-Receipt";

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1234567890, "005924")]
    [InlineData(20000000000, "353130")]
    public void A_one_time_password_is_as_RFC_6238_has_it(long at, string password) =>
        Assert.Equal(password, TotpMethod.At(TotpMethod.Decode(Secret)!, at));

    [Fact]
    public async Task A_user_logs_in_with_a_one_time_password_of_now_or_just_before()
    {
        var (user, _) = await Somebody();
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.Equal(201, (await cloud.Auth(Totp(user, Passcode(now)))).Status);
        Assert.Equal(201, (await cloud.Auth(Totp(user, Passcode(now - 29)))).Status);
        foreach (var wrong in (object[])[Totp(user, Passcode(now - 300)), Totp(user, ""), Totp("nobody", Passcode(now))])
        {
            var answer = await cloud.Auth(wrong);
            Assert.Equal(401, answer.Status);
            Assert.Equal("The request you have made requires authentication.", answer.Message);
        }

        var nameless = await cloud.Auth(new { methods = new[] { "totp" }, totp = new { user = new { passcode = "1" } } });
        Assert.Equal(400, nameless.Status);
    }

    [Fact]
    public async Task Who_must_prove_more_gets_a_receipt_for_what_is_proven()
    {
        var (user, password) = await Somebody();
        await SetRules(user, [["password", "totp"], ["password", "never-offered", "totp"]]);
        var first = await cloud.Auth(Password(user, password));
        Assert.Equal(401, first.Status);
        Assert.Equal(["password"], first.Body.GetProperty("receipt").GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal(user, first.Body.GetProperty("receipt").GetProperty("user").GetProperty("id").GetString());
        Assert.Equal(["password", "totp"],
            first.Body.GetProperty("required_auth_methods")[0].EnumerateArray().Select(m => m.GetString()));
        var receipt = first.Headers.GetValues(Receipt).Single();

        var wrong = await cloud.Auth(Totp(user, "000000"), null, (Receipt, receipt));
        Assert.Equal(401, wrong.Status);
        var whole = await cloud.Auth(Totp(user, Passcode()), null, (Receipt, receipt));
        Assert.True(whole.Status == 201, $"{whole.Status} {whole.Body}");
        Assert.Equal(["totp", "password"], whole.Body.GetProperty("token").GetProperty("methods").EnumerateArray()
            .Select(m => m.GetString()));
        var both = await cloud.Auth(new
        {
            methods = new[] { "password", "totp" },
            password = new { user = new { id = user, password } },
            totp = new { user = new { id = user, passcode = Passcode() } },
        });
        Assert.Equal(201, both.Status);
        // A token goes on from what was proven for it.
        Assert.Equal(201, (await cloud.Auth(new { methods = new[] { "token" }, token = new { id = both.Token } })).Status);
    }

    [Fact]
    public async Task A_receipt_is_the_users_own_no_token_and_ends_with_the_password()
    {
        var (user, password) = await Somebody();
        var (other, otherPassword) = await Somebody();
        await SetRules(user, [["password", "totp"]]);
        await SetRules(other, [["password", "totp"]]);
        var receipt = (await cloud.Auth(Password(user, password))).Headers.GetValues(Receipt).Single();
        Assert.Equal(401, (await cloud.Auth(Totp(other, Passcode()), null, (Receipt, receipt))).Status);
        Assert.Equal(401, (await cloud.Auth(Totp(user, Passcode()), null, (Receipt, cloud.Admin))).Status);
        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, receipt)).Status);
        await cloud.Do("PATCH", "/users/" + user, new { user = new { password = "another" } });
        Assert.Equal(401, (await cloud.Auth(Totp(user, Passcode()), null, (Receipt, receipt))).Status);
        Assert.Equal(401, (await cloud.Auth(Password(other, otherPassword))).Status);
    }

    [Fact]
    public async Task The_rules_are_options_of_the_user_and_can_be_switched_off()
    {
        var (user, password) = await Somebody();
        await SetRules(user, [["password", "totp"]]);
        var options = (await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("options");
        Assert.Equal("totp", options.GetProperty("multi_factor_auth_rules")[0][1].GetString());
        await cloud.Do("PATCH", "/users/" + user, new { user = new { options = new { multi_factor_auth_enabled = false } } });
        Assert.Equal(201, (await cloud.Auth(Password(user, password))).Status);
        await cloud.Do("PATCH", "/users/" + user, new { user = new { options = new { multi_factor_auth_enabled = true } } });
        Assert.Equal(401, (await cloud.Auth(Password(user, password))).Status);
        await cloud.Do("PATCH", "/users/" + user, new { user = new { options = new { multi_factor_auth_rules = (object?)null } } });
        Assert.Equal(201, (await cloud.Auth(Password(user, password))).Status);
        foreach (var bad in (string[])["1", "[1]", "[[]]", "[[1]]", """[["a", "a"]]""", """[["a"], ["a"]]"""])
        {
            var answer = await cloud.Send("PATCH", "/users/" + user,
                """{"user": {"options": {"multi_factor_auth_rules": """ + bad + "}}}", cloud.Admin);
            Assert.True(answer.Status == 400, $"{bad}: {answer.Status}");
        }
    }

    [Fact]
    public async Task A_web_server_vouches_for_users_only_where_the_operator_says_by_which_header()
    {
        var external = new { methods = new[] { "external" }, external = new { } };
        var off = await cloud.Auth(external, null, ("X-Remote-User", "demo"));
        Assert.Equal(401, off.Status);
        Assert.Equal("The request you have made requires authentication.", off.Message);

        var on = new IdentityCloud { Options = static options => options.ExternalUserHeader = "X-Remote-User" };
        await on.InitializeAsync();
        var answer = await on.Auth(external, null, ("X-Remote-User", "demo"));
        Assert.Equal(201, answer.Status);
        Assert.Equal("external", answer.Body.GetProperty("token").GetProperty("methods")[0].GetString());
        Assert.Equal(201, (await on.Auth(new { methods = Array.Empty<string>() }, null, ("X-Remote-User", "demo"))).Status);
        Assert.Equal(401, (await on.Auth(external, null, ("X-Remote-User", "nobody"))).Status);
        Assert.Equal(401, (await on.Auth(external)).Status);
        await on.DisposeAsync();
    }

    private static string Passcode(long? at = null) =>
        TotpMethod.At(TotpMethod.Decode(Secret)!, at ?? DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    private static object Totp(string user, string passcode) =>
        new { methods = new[] { "totp" }, totp = new { user = new { id = user, passcode } } };

    private static object Password(string user, string password) =>
        new { methods = new[] { "password" }, password = new { user = new { id = user, password } } };

    private Task<JsonElement> SetRules(string user, string[][] rules) =>
        cloud.Do("PATCH", "/users/" + user, new { user = new { options = new { multi_factor_auth_rules = rules } } });

    /// <summary>A user with a password and a secret of one-time passwords.</summary>
    private async Task<(string Id, string Password)> Somebody()
    {
        var name = "mfa-" + Guid.NewGuid().ToString("N")[..8];
        var id = (await cloud.Do("POST", "/users", new { user = new { name, password = name } })).GetProperty("user")
            .GetProperty("id").GetString()!;
        await cloud.Do("POST", "/credentials", new { credential = new { user_id = id, type = "totp", blob = Secret } });
        return (id, name);
    }
}
