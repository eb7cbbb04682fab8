using Fabric.Grains.Storage.Postgres;
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
        silo.Services.AddSingleton<IReminderTable, SqliteReminderTable>();
        return silo.AddRecords();
    }

    /// <summary>The same in a PostgreSQL database, shared by any number of silos.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="connectionString">Npgsql's form of where the database is, and as whom to use it. The user owns the database: the
    /// tables are made at the first start.</param>
    /// <param name="permit">Says how long this process may write for its cluster; null: always.</param>
    public static ISiloBuilder AddPostgresStorage(
        this ISiloBuilder silo, string connectionString, Func<IServiceProvider, WritePermit>? permit = null)
    {
        silo.Services.AddPostgresRecords(connectionString, permit);
        silo.Services.AddSingleton<IReminderTable, PostgresReminderTable>();
        return silo.AddRecords();
    }

    /// <summary>The same without a silo. The caller opens the database.</summary>
    internal static IServiceCollection AddSqliteRecords(this IServiceCollection services, string path)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new SqliteDatabase(
            path, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SqliteDatabase>>()));
        services.AddSingleton<IRecordDatabase>(static provider => provider.GetRequiredService<SqliteDatabase>());
        services.AddSingleton<IOutbox, SqliteOutbox>();
        return services.AddRecords();
    }

    /// <summary>The same without a silo. The caller opens the database.</summary>
    internal static IServiceCollection AddPostgresRecords(
        this IServiceCollection services, string connectionString, Func<IServiceProvider, WritePermit>? permit = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new PostgresDatabase(
            connectionString, provider.GetRequiredService<ILoggerFactory>(), permit is null ? null : () => permit(provider)));
        services.AddSingleton<IRecordDatabase>(static provider => provider.GetRequiredService<PostgresDatabase>());
        services.AddSingleton<IOutbox, PostgresOutbox>();
        return services.AddRecords();
    }

    private static ISiloBuilder AddRecords(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, OpenDatabase>();
        silo.Services.AddHostedService<OutboxRetention>();
        silo.Services.AddGrainStorage(StorageNames.Records, static (services, _) => services.GetRequiredService<RecordGrainStorage>());
        return silo;
    }

    private static IServiceCollection AddRecords(this IServiceCollection services)
    {
        services.AddSingleton<IResourceIndex, ResourceIndex>();
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
