namespace Fabric.Tests.Kit;

/// <summary>One cloud for all tests of a class that do not disturb each other.</summary>
public class CloudFixture : IAsyncLifetime
{
    private Cloud? cloud;

    internal Cloud Cloud => cloud!;

    /// <summary>The PostgreSQL database to run on; null for SQLite.</summary>
    internal string? Postgres { get; set; }

    internal HttpClient Admin { get; private set; } = null!;

    internal HttpClient Demo { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        cloud = await Cloud.Start(nodes: 2, postgres: Postgres);
        Admin = await cloud.Http("admin");
        Demo = await cloud.Http("demo");
    }

    /// <inheritdoc/>
    public async Task DisposeAsync() => await cloud!.DisposeAsync();
}
