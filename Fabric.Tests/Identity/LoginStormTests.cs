using System.Net.Http.Json;
using Fabric.Grains.Identity;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Identity;

/// <summary>What a flood of logins does to others: with every hash held, and the queue for them full.</summary>
public sealed class LoginStormTests : IAsyncLifetime
{
    private readonly IdentityCloud cloud = new() { Options = static options => options.PasswordMemory = TimeSpan.Zero };
    private readonly ManualResetEventSlim held = new();
    private HashQueue queue = null!;
    private long busy;

    public async Task InitializeAsync()
    {
        await cloud.InitializeAsync();
        queue = cloud.Get<PasswordHasher>().Queue;
        busy = queue.Begun + PasswordHasher.Workers;
        for (var worker = 0; worker < PasswordHasher.Workers; worker++)
            _ = queue.Run("elsewhere", Wait, default);
    }

    public async Task DisposeAsync()
    {
        held.Set();
        await cloud.DisposeAsync();
        held.Dispose();
    }

    [Fact]
    public async Task Tokens_are_validated_while_every_login_waits_and_the_last_ones_are_told_to_come_again()
    {
        await Fill();

        for (var i = 0; i < 200; i++)
            Assert.Equal(200, (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", cloud.Admin))).Status);
        var (waiting, users) = (queue.Waiting, (await cloud.Do("GET", "/users")).GetProperty("users").GetArrayLength());
        using var login = await Login();
        Assert.Equal(503, (int)login.StatusCode);
        Assert.Equal("1", login.Headers.GetValues("Retry-After").Single());
        var error = (await login.Json(503)).GetProperty("error");
        Assert.Equal((503, "Service Unavailable"), (error.GetProperty("code").GetInt32(), error.GetProperty("title").GetString()));
        var refused = await cloud.Send("POST", "/users", new { user = new { name = "late", password = "p" } }, cloud.Admin);
        Assert.Equal((503, users), (refused.Status, (await cloud.Do("GET", "/users")).GetProperty("users").GetArrayLength()));
        Assert.Equal(waiting, queue.Waiting);
    }

    [Fact]
    public async Task Clients_that_have_gone_hold_no_places()
    {
        await Eventually.True(() => Task.FromResult(queue.Begun >= busy), "all workers are held");
        var before = queue.Waiting;
        using (var gone = new CancellationTokenSource())
        {
            var logins = Enumerable.Range(0, 20).Select(_ => Login(gone.Token)).ToArray();
            await Eventually.True(() => Task.FromResult(queue.Waiting == before + 20), "all wait");
            await gone.CancelAsync();
            foreach (var one in logins)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        }

        await Eventually.True(() => Task.FromResult(queue.Waiting == before), "their places are free again");
        held.Set();
        using var answer = await Login();
        Assert.Equal(201, (int)answer.StatusCode);
        await Eventually.True(() => Task.FromResult(queue.Waiting == 0), "nobody waits");
    }

    // From where the logins over HTTP come: else they would find their place's own share free.
    private async Task Fill()
    {
        await Eventually.True(() => Task.FromResult(queue.Begun >= busy), "all workers are held");
        while (queue.Waiting < PasswordHasher.LongestQueue)
            _ = queue.Run("127.0.0.1", Wait, default);
    }

    private bool Wait()
    {
        held.Wait();
        return true;
    }

    private Task<HttpResponseMessage> Login(CancellationToken ct = default) => cloud.Http.PostAsJsonAsync("/identity/v3/auth/tokens", new
    {
        auth = new
        {
            identity = new
            {
                methods = new[] { "password" },
                password = new { user = new { name = "admin", domain = new { id = "default" }, password = cloud.AdminPassword } },
            },
        },
    }, ct);
}
