using System.Net.Http.Headers;
using System.Text;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Identity;

/// <summary>Whoever does not know a secret learns nothing of whom it would be the secret: each way to be wrong has the same answer and
/// costs the same hashes.</summary>
public sealed class NoEnumerationTests : IAsyncLifetime
{
    private const string Unauthenticated = "The request you have made requires authentication.";
    private const string Seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    private readonly IdentityCloud cloud = new()
    {
        Options = static options => options.PasswordMemory = TimeSpan.Zero,
        Configure = static services => services.Configure<IdentityOptions>(static options =>
            options.SecurityCompliance = new() { LockoutFailureAttempts = 2 }),
    };

    private HashQueue Queue => cloud.Get<PasswordHasher>().Queue;

    public Task InitializeAsync() => cloud.InitializeAsync();

    public Task DisposeAsync() => cloud.DisposeAsync();

    [Fact]
    public async Task Every_user_that_there_is_or_is_not_refuses_a_wrong_password_alike()
    {
        var there = await User("there", "right");
        var disabled = await User("disabled", "right", enabled: false);
        var locked = await User("locked", "right");
        for (var guess = 0; guess < 2; guess++)
            await ByPassword(new { id = locked, password = "wrong" });
        var federated = await User("federated", null);
        var twoFactors = await User("two-factors", "right");
        await cloud.Do("PATCH", "/users/" + twoFactors, new
        {
            user = new { options = new { multi_factor_auth_rules = new[] { new[] { "password", "totp" } } } },
        });
        var elsewhere = new { id = "no-such-domain" };
        var home = new { id = "default" };
        object[] wrong =
        [
            new { id = there, password = "wrong" },
            new { name = "there", domain = home, password = "wrong" },
            new { id = "nobody", password = "wrong" },
            new { name = "nobody", domain = home, password = "wrong" },
            new { name = "there", domain = elsewhere, password = "wrong" },
            new { name = "there", domain = new { name = "No such domain" }, password = "wrong" },
            new { id = disabled, password = "wrong" },
            new { id = locked, password = "wrong" },
            new { id = locked, password = "right" },
            new { id = federated, password = "wrong" },
            new { id = federated, password = "" },
            new { id = twoFactors, password = "wrong" },
        ];
        foreach (var user in wrong)
            Assert.Equal((401, Unauthenticated, 1), await Cost(() => ByPassword(user), user));
        foreach (var id in (string[])[there, "nobody", disabled, locked, federated, twoFactors])
        {
            Assert.Equal((401, Unauthenticated, 1), await Cost(() => cloud.Send("POST", $"/users/{id}/password",
                new { user = new { original_password = "wrong", password = "new" } }), id));
        }
    }

    [Fact]
    public async Task No_receipt_is_given_for_a_wrong_password_and_none_helps_another_user()
    {
        var user = await User("receipts", "right");
        await cloud.Do("PATCH", "/users/" + user, new
        {
            user = new { options = new { multi_factor_auth_rules = new[] { new[] { "password", "totp" } } } },
        });
        var wrong = await ByPassword(new { id = user, password = "wrong" });
        Assert.False(wrong.Headers.Contains(AuthReceipts.Header));
        var receipt = (await ByPassword(new { id = user, password = "right" })).Headers.GetValues(AuthReceipts.Header).Single();
        foreach (var id in (string[])[user, "nobody", await User("another", "right")])
        {
            Assert.Equal((401, Unauthenticated, 1), await Cost(() => cloud.Auth(
                new { methods = new[] { "password" }, password = new { user = new { id, password = "wrong" } } }, null,
                (AuthReceipts.Header, receipt)), id));
        }
    }

    [Fact]
    public async Task Application_credentials_by_id_and_by_name_are_refused_alike()
    {
        var (user, _, token) = await cloud.Someone("member");
        var made = await cloud.Send("POST", $"/users/{user}/application_credentials",
            new { application_credential = new { name = "mine", secret = "right" } }, token);
        var id = made.Body.GetProperty("application_credential").GetProperty("id").GetString();
        var home = new { id = "default" };
        object[] wrong =
        [
            new { id, secret = "wrong" },
            new { name = "mine", user = new { id = user }, secret = "wrong" },
            new { name = "others", user = new { id = user }, secret = "wrong" },
            new { name = "mine", user = new { id = "nobody" }, secret = "wrong" },
            new { name = "mine", user = new { name = "nobody", domain = home }, secret = "wrong" },
            new { name = "mine", user = new { name = "nobody", domain = new { name = "No such domain" } }, secret = "wrong" },
        ];
        foreach (var credential in wrong)
        {
            Assert.Equal((401, Unauthenticated, 1), await Cost(() => cloud.Auth(new
            {
                methods = new[] { "application_credential" }, application_credential = credential,
            }), credential));
        }

        var before = Queue.Begun;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/identity/v3/OS-OAUTH2/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(id + ":wrong")));
        using var answer = await cloud.Http.SendAsync(request);
        Assert.Equal(401, (int)answer.StatusCode);
        Assert.Contains(Unauthenticated, await answer.Content.ReadAsStringAsync());
        Assert.Equal(1, Queue.Begun - before);
    }

    [Fact]
    public async Task One_time_passwords_and_signatures_are_refused_alike()
    {
        var (user, project, _) = await cloud.Someone("member");
        await cloud.Do("POST", "/credentials", new { credential = new { user_id = user, type = "totp", blob = Seed } });
        var without = await User("without-totp", "right");
        foreach (var id in (string[])[user, without, "nobody"])
        {
            Assert.Equal((401, Unauthenticated, 0), await Cost(() => cloud.Auth(
                new { methods = new[] { "totp" }, totp = new { user = new { id, passcode = "000000" } } }), id));
        }

        var pair = (await cloud.Do("POST", $"/users/{user}/credentials/OS-EC2", new { tenant_id = project })).GetProperty("credential");
        var access = pair.GetProperty("access").GetString();
        foreach (var path in (string[])["/ec2tokens", "/s3tokens"])
        {
            object[] signed =
            [
                new { access, signature = "wrong", token = "d3Jvbmc", host = "h", verb = "GET", path = "/",
                    @params = new { SignatureVersion = "2" } },
                new { access, signature = "" },
                new { access },
            ];
            foreach (var credentials in signed)
            {
                Assert.Equal((401, Unauthenticated, 0), await Cost(() => cloud.Send("POST", path, new { credentials }, cloud.Admin),
                    (path, credentials)));
            }
        }
    }

    [Fact]
    public async Task A_trust_that_there_is_tells_a_wrong_password_nothing()
    {
        var trustor = await cloud.Someone("member");
        var trustee = await User("trustee", "right");
        var made = await cloud.Send("POST", "/OS-TRUST/trusts", new
        {
            trust = new
            {
                trustor_user_id = trustor.User, trustee_user_id = trustee, project_id = trustor.Project, impersonation = false,
                roles = new[] { new { name = "member" } },
            },
        }, trustor.Token);
        Assert.Equal(201, made.Status);
        foreach (var trust in (string[])[made.Body.GetProperty("trust").GetProperty("id").GetString()!, "nothing"])
        {
            foreach (var id in (string[])[trustee, "nobody"])
            {
                Assert.Equal((401, Unauthenticated, 1), await Cost(() => cloud.Auth(
                    new { methods = new[] { "password" }, password = new { user = new { id, password = "wrong" } } },
                    new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id = trust } }), id));
            }
        }
    }

    private async Task<(int Status, string Message, int Hashes)> Cost(Func<Task<IdentityCloud.Answer>> ask, object what)
    {
        var before = Queue.Begun;
        var answer = await ask();
        Assert.True(answer.Status == 401, $"{what}: {answer.Status} {answer.Body}");
        return (answer.Status, answer.Message, (int)(Queue.Begun - before));
    }

    private Task<IdentityCloud.Answer> ByPassword(object user) =>
        cloud.Auth(new { methods = new[] { "password" }, password = new { user } });

    private async Task<string> User(string name, string? password, bool enabled = true)
    {
        object user = password is null ? new { name, enabled } : new { name, password, enabled };
        return (await cloud.Do("POST", "/users", new { user })).GetProperty("user").GetProperty("id").GetString()!;
    }
}
