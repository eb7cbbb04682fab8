using Fabric.Grains.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Hosting;

namespace Fabric.Grains.Storage;

/// <summary>Gives a silo its durable records.</summary>
public static class StorageHosting
{
    /// <summary>Records, index, outbox and reminders in one SQLite file, owned by this process alone.</summary>
    public static ISiloBuilder AddSqliteStorage(this ISiloBuilder silo, string path)
    {
        silo.Services.AddSqliteRecords(path);
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, OpenDatabase>();
        silo.Services.AddSingleton<IReminderTable, SqliteReminderTable>();
        silo.Services.AddHostedService<OutboxRetention>();
        silo.Services.AddGrainStorage(StorageNames.Records, static (services, _) => services.GetRequiredService<RecordGrainStorage>());
        return silo;
    }

    /// <summary>The same without a silo. The caller opens the database.</summary>
    internal static IServiceCollection AddSqliteRecords(this IServiceCollection services, string path)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new SqliteDatabase(
            path, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SqliteDatabase>>()));
        services.AddSingleton<IRecordDatabase>(static provider => provider.GetRequiredService<SqliteDatabase>());
        services.AddSingleton<IResourceIndex, ResourceIndex>();
        services.AddSingleton<IOutbox, SqliteOutbox>();
        services.AddSingleton<RecordGrainStorage>();
        return services;
    }

    /// <summary>Migrations run before any grain can read its record.</summary>
    private sealed class OpenDatabase(IRecordDatabase database) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) =>
            lifecycle.Subscribe("Fabric.Storage", ServiceLifecycleStage.RuntimeStorageServices, database.Open);
    }
}
