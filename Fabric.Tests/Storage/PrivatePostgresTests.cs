using Fabric.Tests.Kit;
using Npgsql;

namespace Fabric.Tests.Storage;

/// <summary>The tests' own PostgreSQL does what chaos needs of it.</summary>
public sealed class PrivatePostgresTests
{
    [SkippableFact]
    public async Task A_killed_server_comes_back_with_what_was_committed()
    {
        await using var postgres = await PrivatePostgres.Start();
        await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        await Run(source, "CREATE TABLE kept AS SELECT 42 AS answer");
        await postgres.Kill();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Run(source, "SELECT 1"));
        await postgres.Restart();
        Assert.Equal(42, await Run(source, "SELECT answer FROM kept"));
        await postgres.Stop();
        await postgres.Restart();
        Assert.Equal(42, await Answer(source));
    }

    [SkippableFact]
    public async Task A_frozen_server_answers_when_it_goes_on()
    {
        await using var postgres = await PrivatePostgres.Start();
        await using var source = NpgsqlDataSource.Create(postgres.Connection());
        await Run(source, "SELECT 1");
        postgres.Freeze();
        var waiting = Run(source, "SELECT 7");
        Assert.False(waiting.IsCompleted);
        postgres.Thaw();
        Assert.Equal(7, await waiting);
    }

    private static async Task<object?> Answer(NpgsqlDataSource source)
    {
        object? answer = null;
        await Eventually.True(async () =>
        {
            try
            {
                answer = await Run(source, "SELECT answer FROM kept");
                return true;
            }
            catch (NpgsqlException)
            {
                // The pool's connections to the server that was stopped find out one by one.
                return false;
            }
        }, "the server that was started again answers");
        return answer;
    }

    private static async Task<object?> Run(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
