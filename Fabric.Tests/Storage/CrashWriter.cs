using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Postgres;
using Fabric.Grains.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fabric.Tests.Storage;

/// <summary>Writes records as fast as it can and says each id only after its write returned: to be killed in the middle of it.</summary>
internal static class CrashWriter
{
    public const string Kind = "crash";

    /// <summary>Where a process that is to be killed finds the PostgreSQL database: no password in a command line.</summary>
    public const string ConnectionVariable = "FABRIC_TEST_CONNECTION";

    public static Task RunSqlite(string file) =>
        Run(new SqliteDatabase(file, TimeProvider.System, NullLogger<SqliteDatabase>.Instance));

    public static Task RunPostgres() =>
        Run(new PostgresDatabase(Environment.GetEnvironmentVariable(ConnectionVariable)!, NullLoggerFactory.Instance));

    private static async Task Run(IRecordDatabase database)
    {
        await database.Open(default);
        var storage = new RecordGrainStorage(database, TimeProvider.System);
        var output = TextWriter.Synchronized(Console.Out);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                var id = $"{writer}-{i}";
                await storage.WriteStateAsync(Kind, GrainId.Create("test", id), new GrainState<TestRecord>(new()
                {
                    Name = id,
                    Nodes = new Dictionary<string, string> { ["writer"] = $"{writer}" },
                    Keys = [id],
                    Events = [new(id, DateTimeOffset.UtcNow, "{}")],
                }));
                await output.WriteLineAsync(id);
            }
        })));
    }
}
