using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fabric.Tests.Storage;

/// <summary>The contract on SQLite.</summary>
public sealed class SqliteGrainStorageTests : GrainStorageContract
{
    private readonly SqliteFixture sqlite = new();

    private protected override IRecordDatabase Database => sqlite.Database;

    private protected override IOutbox Outbox => new SqliteOutbox(sqlite.Database, TimeProvider.System);

    public override Task InitializeAsync() => sqlite.Database.Open(default);

    public override Task DisposeAsync() => sqlite.DisposeAsync().AsTask();
}

/// <summary>A database in a directory of its own.</summary>
internal sealed class SqliteFixture : IAsyncDisposable
{
    public SqliteFixture(TimeProvider? time = null)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("fabric-storage-").FullName;
        File = Path.Combine(Directory, "fabric.db");
        Database = new(File, time ?? TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
    }

    public string Directory { get; }

    public string File { get; }

    public SqliteDatabase Database { get; private set; }

    /// <summary>Another process, so to speak: opens the file anew.</summary>
    public async Task Reopen()
    {
        await Database.DisposeAsync();
        Database = new(File, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        await Database.Open(default);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
