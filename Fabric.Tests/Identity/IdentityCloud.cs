using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Gateway;
using Fabric.Grains;
using Fabric.Grains.Identity;
using Fabric.Grains.Sagas;
using Fabric.Grains.Storage;
using Fabric.Tests.Kit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fabric.Tests.Identity;

/// <summary>A silo with its gateway and its own database, and nothing else; talked to over HTTP, as clients do.</summary>
public sealed class IdentityCloud : IAsyncLifetime
{
    private readonly ScratchFolder folder = new();
    private WebApplication? app;

    internal HttpClient Http { get; private set; } = null!;
    internal string Admin { get; private set; } = "";
    internal string AdminPassword => File.ReadAllText(Path.Combine(folder.Path, "admin-password")).Trim();
    internal string DemoPassword => File.ReadAllText(Path.Combine(folder.Path, "demo-password")).Trim();
    internal string Folder => folder.Path;

    /// <summary>After so many calls to grains the next one fails, as if the process had died before it; null for never.</summary>
    internal int? FailAfterCalls { get; set; }

    internal T Get<T>()
        where T : notnull => app!.Services.GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        await Start();
        Admin = await Login("admin", AdminPassword, new { project = new { name = "admin", domain = new { id = "default" } } });
    }

    public async Task DisposeAsync()
    {
        await Stop();
        folder.Dispose();
    }

    /// <summary>Starts on the folder; what an earlier start left there is there.</summary>
    internal async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddSimpleConsole();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<IdentityOptions>(options =>
        {
            options.DataDirectory = folder.Path;
            options.PasswordRounds = 1000;
        });
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            silo.AddSqliteStorage(Path.Combine(folder.Path, "fabric.db"));
            silo.AddReminders();
            silo.AddSagas();
            var calls = 0;
            if (FailAfterCalls is { } most)
                silo.AddOutgoingGrainCallFilter(call => ++calls > most ? throw new BootstrapCutShortException() : call.Invoke());
        });
        builder.Services.AddFabricGrains();
        builder.Services.AddFabricGateway();
        app = builder.Build();
        app.MapFabricGateway();
        Http = new();
        await app.StartAsync();
        // Identity answers its versions with 300 and a Location, which clients read rather than follow.
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new(app.Urls.First()) };
    }

    internal async Task Stop()
    {
        Http.Dispose();
        await app!.StopAsync();
        await app.DisposeAsync();
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

    internal async Task<string> RoleId(string name) =>
        (await Do("GET", "/roles?name=" + name)).GetProperty("roles")[0].GetProperty("id").GetString()!;

    /// <summary>What came back.</summary>
    internal sealed record Answer(int Status, JsonElement Body, System.Net.Http.Headers.HttpResponseHeaders Headers)
    {
        internal string Message => Body.GetProperty("error").GetProperty("message").GetString()!;
    }
}
