using Fabric.Grains.Storage.Sqlite;

namespace Fabric.Tests.Storage;

/// <summary>The reminders' contract on SQLite.</summary>
public sealed class SqliteReminderTests : ReminderTableContract
{
    private readonly SqliteFixture sqlite = new();

    private protected override IReminderTable Table => new SqliteReminderTable(sqlite.Database);

    public override Task InitializeAsync() => sqlite.Database.Open(default);

    public override Task DisposeAsync() => sqlite.DisposeAsync().AsTask();
}
