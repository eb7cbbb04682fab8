using Fabric.Grains.Kernel;
using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>
/// A <see cref="ResourceQuery"/> for PostgreSQL. Which index serves it is the planner's choice; that one does is the session's setting
/// (<see cref="PostgresConnections"/>) and a test's concern.
/// </summary>
internal sealed class PostgresQuery : ResourceSelect
{
    private PostgresQuery(ResourceQuery query)
        : base(query)
    {
    }

    /// <summary>True when a text is asked for that PostgreSQL cannot hold, so that nothing can match.</summary>
    public bool MatchesNothing => Values.Any(static value => value switch
    {
        string text => !CanHold(text),
        string[] texts => texts.All(static text => !CanHold(text)),
        _ => false,
    });

    /// <inheritdoc/>
    protected override char ParameterSign => '$';

    /// <inheritdoc/>
    protected override string Table => "resource";

    /// <summary>False for a text with a character zero in it: no text in the database has one.</summary>
    public static bool CanHold(string text) => !text.Contains('\0');

    /// <summary>Rows of id, or of etag and document, in order. The marker's own value in the sorted column comes from
    /// <paramref name="marker"/>.</summary>
    public static PostgresQuery Rows(ResourceQuery query, object? marker, int? limit, bool withDocs)
    {
        var built = new PostgresQuery(query);
        built.SelectRows(marker, limit, withDocs);
        return built;
    }

    /// <summary>One row: how many match.</summary>
    public static PostgresQuery Count(ResourceQuery query)
    {
        var built = new PostgresQuery(query);
        built.SelectCount();
        return built;
    }

    /// <summary>The statement with its values.</summary>
    public NpgsqlCommand Command(NpgsqlConnection connection, string prefix = "") => connection.Command(prefix + Sql, [.. Values]);

    /// <inheritdoc/>
    protected override string AmongParameter(IReadOnlyList<string> wanted) =>
        $" = ANY ({Parameter(wanted.Where(CanHold).ToArray())})";
}
