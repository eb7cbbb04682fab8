using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>Statements with values by position.</summary>
internal static class PostgresCommands
{
    /// <summary>A statement on the connection; its values are <c>$1</c>, <c>$2</c>, …</summary>
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    /// <summary>Runs a statement; how many rows it changed.</summary>
    public static async Task<int> Run(this NpgsqlConnection connection, string sql, object[] values)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteNonQueryAsync();
    }
}
