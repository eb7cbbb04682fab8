using Fabric.Grains.Storage.Postgres;

namespace Fabric.Tests.Storage;

/// <summary>The reminders' contract on PostgreSQL.</summary>
public sealed class PostgresReminderTests : ReminderTableContract
{
    private readonly PostgresFixture postgres = new();

    private protected override IReminderTable Table => new PostgresReminderTable(postgres.Database);

    public override Task InitializeAsync() => postgres.Open();

    public override Task DisposeAsync() => postgres.DisposeAsync().AsTask();
}
