using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Grains.Identity;
using Fabric.Hosting;
using Fabric.Silo;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fabric.Tests.Identity;

/// <summary>A cloud of one played node, talked to over HTTP as clients do, with identity's own words for what tests of it do all the
/// time.</summary>
public sealed class IdentityCloud : IAsyncLifetime
{
    private readonly ScratchFolder folder = new();
    private ProcessRun? host;

    internal HttpClient Http { get; private set; } = null!;
    internal string Admin { get; private set; } = "";
    internal string AdminPassword => File.ReadAllText(Path.Combine(folder.Path, "admin-password")).Trim();
    internal string DemoPassword => File.ReadAllText(Path.Combine(folder.Path, "demo-password")).Trim();
    internal string Folder => folder.Path;

    /// <summary>After so many calls to grains the next one fails, as if the process had died before it; null for never.</summary>
    internal int? FailAfterCalls { get; set; }

    /// <summary>What this cloud has of its own; null for nothing.</summary>
    internal Action<IServiceCollection>? Configure { get; init; }
    /// <summary>What else is set; null for nothing.</summary>
    internal Action<IdentityOptions>? Options { get; set; }

    internal T Get<T>()
        where T : notnull => host!.Services.GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        await Start();
        await LoginAdmin();
    }

    /// <summary>Gives the cloud's admin a new token.</summary>
    internal async Task LoginAdmin() =>
        Admin = await Login("admin", AdminPassword, new { project = new { name = "admin", domain = new { id = "default" } } });

    public async Task DisposeAsync()
    {
        await Stop();
        folder.Dispose();
    }

    /// <summary>Starts on the folder; what an earlier start left there is there.</summary>
    internal async Task Start()
    {
        host = await FabricHost.Start(new() { DataDir = folder.Path, Port = 0, Driver = "simulated" }, default, services =>
        {
            services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Error));
            services.Configure<IdentityOptions>(options =>
            {
                options.PasswordRounds = 1000;
                Options?.Invoke(options);
            });
            Configure?.Invoke(services);
            if (FailAfterCalls is { } most)
                services.AddSingleton<IOutgoingGrainCallFilter>(new CutShort(most));
        });
        // Identity answers its versions with 300 and a Location, which clients read rather than follow.
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = host.Address };
    }

    internal async Task Stop()
    {
        Http.Dispose();
        await host!.Stop(default);
        await host.DisposeAsync();
    }

    /// <summary>Logs in and gives the token.</summary>
    internal async Task<string> Login(string user, string password, object? scope = null)
    {
        using var answer = await TryLogin(user, password, scope);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{user} cannot log in: {await answer.Content.ReadAsStringAsync()}");
        return answer.Headers.GetValues("X-Subject-Token").Single();
    }

    internal Task<HttpResponseMessage> TryLogin(string user, string password, object? scope = null)
    {
        var identity = new { methods = new[] { "password" },
            password = new { user = new { name = user, domain = new { id = "default" }, password } } };
        object auth = scope is null ? new { identity } : new { identity, scope };
        return Http.PostAsJsonAsync("/identity/v3/auth/tokens", new { auth });
    }

    /// <summary>Sends one request below <c>/identity/v3</c>.</summary>
    internal async Task<Answer> Send(
        string method, string path, object? body = null, string? token = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), "/identity/v3" + path);
        if (token is not null)
            request.Headers.Add("X-Auth-Token", token);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = body is string text ? new StringContent(text, null, "application/json") : JsonContent.Create(body);
        using var answer = await Http.SendAsync(request);
        var content = await answer.Content.ReadAsStringAsync();
        return new((int)answer.StatusCode, content.StartsWith('{') ? JsonDocument.Parse(content).RootElement : default, answer.Headers);
    }

    /// <summary>The same as the cloud's admin, expecting success.</summary>
    internal async Task<JsonElement> Do(string method, string path, object? body = null)
    {
        var answer = await Send(method, path, body, Admin);
        Assert.True(answer.Status < 300, $"{method} {path}: {answer.Status} {answer.Body}");
        return answer.Body;
    }

    /// <summary>Makes a user with a role on a new project, and gives the user's id, the project's and a token scoped to it.</summary>
    internal async Task<(string User, string Project, string Token)> Someone(string role)
    {
        var name = role + "-" + Guid.NewGuid().ToString("N")[..8];
        var project = (await Do("POST", "/projects", new { project = new { name } })).GetProperty("project").GetProperty("id").GetString()!;
        var user = (await Do("POST", "/users", new { user = new { name, password = "pass-" + name } })).GetProperty("user").GetProperty(
            "id").GetString()!;
        await Do("PUT", $"/projects/{project}/users/{user}/roles/{await RoleId(role)}");
        return (user, project, await Login(name, "pass-" + name, new { project = new { id = project } }));
    }

    /// <summary>Asks for a token by any method, and gives the whole answer.</summary>
    internal Task<Answer> Auth(object identity, object? scope = null, params (string Name, string Value)[] headers) => Send(
        "POST", "/auth/tokens", scope is null ? new { auth = new { identity } } : new { auth = new { identity, scope } }, null, headers);

    /// <summary>What a token stands for, as admin sees it.</summary>
    internal async Task<JsonElement> Show(string token)
    {
        var answer = await Send("GET", "/auth/tokens", null, Admin, ("X-Subject-Token", token), ("OpenStack-Identity-Access-Rules", "1.0"));
        Assert.True(answer.Status == 200, $"the token is not good: {answer.Body}");
        return answer.Body.GetProperty("token");
    }

    /// <summary>Puts a file of an operator's rules into place; null takes it away.</summary>
    internal void WriteRules(string name, string? text)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "policy")).FullName, name);
        if (text is null)
        {
            File.Delete(path);
            return;
        }

        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, true);
    }

    internal async Task<string> RoleId(string name) =>
        (await Do("GET", "/roles?name=" + name)).GetProperty("roles")[0].GetProperty("id").GetString()!;

    /// <summary>The process "dies" after so many calls to grains.</summary>
    private sealed class CutShort(int most) : IOutgoingGrainCallFilter
    {
        private int calls;

        public Task Invoke(IOutgoingGrainCallContext context) =>
            Interlocked.Increment(ref calls) > most ? throw new BootstrapCutShortException() : context.Invoke();
    }

    /// <summary>What came back.</summary>
    internal sealed record Answer(int Status, JsonElement Body, System.Net.Http.Headers.HttpResponseHeaders Headers)
    {
        internal string Token => Headers.GetValues("X-Subject-Token").Single();

        internal string Message => Body.GetProperty("error").GetProperty("message").GetString()!;
    }
}
