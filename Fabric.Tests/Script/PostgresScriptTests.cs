using Fabric.Tests.Kit;
using Npgsql;

namespace Fabric.Tests.Script;

/// <summary>The PostgreSQL of a data directory's own (<c>tools/postgres.sh</c>).</summary>
public sealed class PostgresScriptTests
{
    [SkippableFact]
    public async Task A_server_of_ones_own_survives_a_kill_and_lets_nobody_in_without_its_password()
    {
        Machine.NeedsPostgres();
        using var folder = new ScratchFolder();
        var connection = (await Script("start", folder.Path)).Succeeded();
        await Run(connection, "CREATE TABLE kept AS SELECT 42 AS answer");
        await Assert.ThrowsAsync<PostgresException>(() => Run($"{connection};Password=guessed", "SELECT 1"));
        var pid = await File.ReadAllTextAsync(folder.File("postgres/server.pid"));
        (await Command.Run("kill", "-KILL", pid.Trim())).Succeeded();
        Assert.Equal(connection, (await Script("start", folder.Path)).Succeeded());
        Assert.Equal(42, await Run(connection, "SELECT answer FROM kept"));
        (await Script("stop", folder.Path)).Succeeded();
        Assert.Equal(1, (await Script("status", folder.Path)).ExitCode);
        var password = await File.ReadAllTextAsync(folder.File("postgres/password"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("postgres/password")));
        Assert.DoesNotContain(password, await File.ReadAllTextAsync(folder.File("postgres/log/postgres.log")), StringComparison.Ordinal);
    }

    private static Task<Answer> Script(string verb, string data) =>
        Command.Run(Path.Combine(Machine.Repository, "tools", "postgres.sh"), verb, data);

    private static async Task<object?> Run(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
