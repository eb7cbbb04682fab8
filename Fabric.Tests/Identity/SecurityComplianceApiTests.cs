using System.Text.Json;
using Fabric.Grains.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Identity;

/// <summary>One cloud with every rule on that does not stand in the others' way; each test has users of its own.</summary>
public sealed class SecurityComplianceApiTests : IAsyncLifetime
{
    private const string Unauthenticated = "The request you have made requires authentication.";
    private readonly ShiftedTime time = new();
    private readonly SecurityComplianceOptions rules = new();
    private readonly IdentityCloud cloud;

    public SecurityComplianceApiTests() => cloud = new()
    {
        Configure = services =>
        {
            services.AddSingleton<TimeProvider>(time);
            services.Configure<IdentityOptions>(options => options.SecurityCompliance = rules);
        },
    };

    public Task InitializeAsync() => cloud.InitializeAsync();

    public Task DisposeAsync() => cloud.DisposeAsync();

    [Fact]
    public async Task Wrong_passwords_lock_a_user_out_for_a_while_whatever_starts_anew()
    {
        rules.LockoutFailureAttempts = 3;
        var user = await User("locked", "right");
        for (var guess = 0; guess < 3; guess++)
            Assert.Equal((401, Unauthenticated), await Try("locked", "wrong"));

        // Nobody hears that it is locked out, and so nobody that there is such a user.
        Assert.Equal((401, Unauthenticated), await Try("locked", "right"));
        Assert.Equal((401, Unauthenticated), await Try("locked", "wrong"));
        Assert.Equal((401, Unauthenticated), await Try("nobody", "right"));
        await cloud.Stop();
        await cloud.Start();
        Assert.Equal((401, Unauthenticated), await Try("locked", "right"));
        Assert.Equal(401, (await ChangePassword(user, "right", "other")).Status);

        time.Pass(TimeSpan.FromMinutes(31));
        Assert.Equal(201, (await Try("locked", "right")).Status);
        // The count begins anew: two wrong ones are no three.
        await Try("locked", "wrong");
        await Try("locked", "wrong");
        Assert.Equal(201, (await Try("locked", "right")).Status);
    }

    [Fact]
    public async Task Who_is_enabled_again_or_is_exempt_is_not_locked_out()
    {
        rules.LockoutFailureAttempts = 2;
        rules.LockoutDuration = TimeSpan.Zero;
        var user = await User("forgiven", "right");
        await User("exempt", "right", new { ignore_lockout_failure_attempts = true });
        foreach (var name in new[] { "forgiven", "exempt", "forgiven", "exempt" })
            await Try(name, "wrong");
        time.Pass(TimeSpan.FromDays(30));
        Assert.Equal(401, (await Try("forgiven", "right")).Status);
        Assert.Equal(201, (await Try("exempt", "right")).Status);

        await Relogin();
        await cloud.Do("PATCH", "/users/" + user, new { user = new { enabled = true } });

        Assert.Equal(201, (await Try("forgiven", "right")).Status);
    }

    [Fact]
    public async Task A_password_expires_and_is_then_good_for_changing_it_alone()
    {
        rules.PasswordExpiresDays = 10;
        var user = await User("aging", "old");
        await User("ageless", "old", new { ignore_password_expiry = true });
        var expires = (await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("password_expires_at").GetString()!;
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000$", expires);
        Assert.Equal(JsonValueKind.Null, (await cloud.Do("GET", "/users?name=ageless")).GetProperty("users")[0].GetProperty(
            "password_expires_at").ValueKind);
        var day = time.GetUtcNow().AddDays(11).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        Assert.Contains("aging", await Names($"/users?password_expires_at=lt:{day}"));
        Assert.DoesNotContain("aging", await Names($"/users?password_expires_at=gte:{day}"));
        Assert.DoesNotContain("ageless", await Names($"/users?password_expires_at=lt:{day}"));
        Assert.Equal(400, (await cloud.Send("GET", "/users?password_expires_at=xy:" + day, null, cloud.Admin)).Status);
        Assert.Equal(400, (await cloud.Send("GET", "/users?password_expires_at=lt:soon", null, cloud.Admin)).Status);

        time.Pass(TimeSpan.FromDays(10));

        Assert.Equal((401, $"The password is expired and needs to be changed for user: {user}."), await Try("aging", "old"));
        Assert.Equal((401, Unauthenticated), await Try("aging", "wrong"));
        Assert.Equal(201, (await Try("ageless", "old")).Status);
        Assert.Equal(204, (await ChangePassword(user, "old", "new")).Status);
        Assert.Equal(201, (await Try("aging", "new")).Status);
    }

    [Fact]
    public async Task Passwords_match_the_pattern_and_the_last_ones_do_not_come_again()
    {
        rules.PasswordRegex = @"^(?=.*\d)(?=.*[a-zA-Z]).{4,}$";
        rules.PasswordRegexDescription = "a letter, a digit, four in all";
        rules.UniqueLastPasswordCount = 2;
        var refused = await cloud.Send("POST", "/users", new { user = new { name = "weak", password = "abc" } }, cloud.Admin);
        Assert.Equal((400, "The password does not match the requirements: a letter, a digit, four in all."),
            (refused.Status, refused.Message));
        var user = await User("choosy", "aaaa1");
        Assert.Equal(400, (await ChangePassword(user, "aaaa1", "abc")).Status);

        Assert.Equal(204, (await ChangePassword(user, "aaaa1", "aaaa2")).Status);
        foreach (var again in new[] { "aaaa1", "aaaa2" })
        {
            var answer = await ChangePassword(user, "aaaa2", again);
            Assert.Equal((400, "The new password cannot be identical to a previous password. The total number which includes the new "
                + "password must be unique is 2."), (answer.Status, answer.Message));
        }

        Assert.Equal(204, (await ChangePassword(user, "aaaa2", "aaaa3")).Status);
        Assert.Equal(204, (await ChangePassword(user, "aaaa3", "aaaa1")).Status);
        var shown = await cloud.Do("GET", "/domains/default/config/security_compliance");
        Assert.Equal(rules.PasswordRegex,
            shown.GetProperty("config").GetProperty("security_compliance").GetProperty("password_regex").GetString());
    }

    [Fact]
    public async Task A_chosen_password_is_kept_for_days_and_a_locked_one_for_good()
    {
        rules.MinimumPasswordAge = 2;
        var user = await User("hasty", "p0");
        Assert.Equal(204, (await ChangePassword(user, "p0", "p1")).Status);
        var early = await ChangePassword(user, "p1", "p2");
        Assert.Equal(400, early.Status);
        Assert.Contains("it must be used for 2 day(s)", early.Message);
        Assert.Contains("try again in 1 day(s)", early.Message);
        time.Pass(TimeSpan.FromDays(2));
        Assert.Equal(204, (await ChangePassword(user, "p1", "p2")).Status);

        await Relogin();
        var locked = await User("fixed", "p0", new { lock_password = true });
        var answer = await ChangePassword(locked, "p0", "p1");
        Assert.Equal(400, answer.Status);
        Assert.StartsWith("You cannot change your password at this time due to password policy", answer.Message);
    }

    [Fact]
    public async Task An_administrator_s_password_is_changed_first()
    {
        rules.ChangePasswordUponFirstUse = true;
        var user = await User("novice", "given");
        await User("robot", "given", new { ignore_change_password_upon_first_use = true });

        Assert.Equal(401, (await Try("novice", "given")).Status);
        Assert.Equal(201, (await Try("robot", "given")).Status);
        Assert.Equal(204, (await ChangePassword(user, "given", "own")).Status);
        Assert.Equal(201, (await Try("novice", "own")).Status);
        await cloud.Do("PATCH", "/users/" + user, new { user = new { password = "reset" } });
        Assert.Equal(401, (await Try("novice", "reset")).Status);
    }

    [Fact]
    public async Task Who_stays_away_for_too_long_is_disabled_until_enabled_again()
    {
        rules.DisableUserAccountDaysInactive = 5;
        var user = await User("absent", "p");
        await User("keeper", "p", new { ignore_user_inactivity = true });
        Assert.Equal(201, (await Try("absent", "p")).Status);
        time.Pass(TimeSpan.FromDays(4));
        Assert.Equal(201, (await Try("absent", "p")).Status);
        await Relogin();
        time.Pass(TimeSpan.FromDays(4));
        await Relogin();
        time.Pass(TimeSpan.FromDays(1));
        await Relogin();

        Assert.Equal((401, Unauthenticated), await Try("absent", "p"));
        Assert.Equal((401, Unauthenticated), await Try("absent", "wrong"));
        Assert.Equal(201, (await Try("keeper", "p")).Status);
        Assert.False((await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("enabled").GetBoolean());
        Assert.Contains("absent", await Names("/users?enabled=false"));

        var enabled = await cloud.Do("PATCH", "/users/" + user, new { user = new { enabled = true } });
        Assert.True(enabled.GetProperty("user").GetProperty("enabled").GetBoolean());
        Assert.Equal(201, (await Try("absent", "p")).Status);
    }

    private async Task<string> User(string name, string password, object? options = null) => (await cloud.Do("POST", "/users",
        new { user = new { name, password, options = options ?? new { } } })).GetProperty("user").GetProperty("id").GetString()!;

    private async Task<(int Status, string? Message)> Try(string user, string password)
    {
        using var answer = await cloud.TryLogin(user, password);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        return ((int)answer.StatusCode, answer.IsSuccessStatusCode ? null : body.GetProperty("error").GetProperty("message").GetString());
    }

    private Task<IdentityCloud.Answer> ChangePassword(string user, string from, string to) =>
        cloud.Send("POST", $"/users/{user}/password", new { user = new { original_password = from, password = to } });

    // The admin's token has ended meanwhile.
    private Task Relogin() => cloud.LoginAdmin();

    private async Task<IEnumerable<string>> Names(string path)
    {
        await Relogin();
        return (await cloud.Do("GET", path)).GetProperty("users").EnumerateArray().Select(user => user.GetProperty("name").GetString()!);
    }
}
