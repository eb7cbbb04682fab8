using System.Text.Json;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Storage.Sqlite;

/// <summary>
/// A <see cref="ResourceQuery"/> for SQLite. The index is named, not left to the planner: a plan can't change with the data, and a shape
/// that no index serves fails when it is first prepared, not when the table has grown.
/// </summary>
internal sealed class SqliteQuery : ResourceSelect
{
    private SqliteQuery(ResourceQuery query)
        : base(query)
    {
    }

    /// <inheritdoc/>
    protected override char ParameterSign => '?';

    /// <inheritdoc/>
    protected override string Table => "resource INDEXED BY " + Index;

    /// <summary>The narrowest index for the conditions; without any, the one that has the order.</summary>
    private string Index => Query switch
    {
        { Ids: not null } or { Refs.Count: > 0 } => "resource_by_key",
        { Names: not null } => "resource_by_name",
        { ProjectId: not null } => "resource_by_project",
        { Statuses: not null } => "resource_by_status",
        { Sort: ResourceSort.Name } => "resource_by_name",
        { Sort: ResourceSort.Id } => "resource_by_key",
        { Sort: ResourceSort.Status } => "resource_by_status",
        _ => "resource_by_time",
    };

    /// <summary>Rows of id, or of etag and document, in order. The marker's own value in the sorted column comes from
    /// <paramref name="marker"/>.</summary>
    public static SqliteQuery Rows(ResourceQuery query, object? marker, int? limit, bool withDocs)
    {
        var built = new SqliteQuery(query);
        built.SelectRows(marker, limit, withDocs);
        return built;
    }

    /// <summary>One row: how many match.</summary>
    public static SqliteQuery Count(ResourceQuery query)
    {
        var built = new SqliteQuery(query);
        built.SelectCount();
        return built;
    }

    /// <summary>The statement, ready to step.</summary>
    public SqliteStatement Prepare(SqliteSession session)
    {
        var statement = session.Statement(Sql);
        for (var i = 0; i < Values.Count; i++)
        {
            if (Values[i] is long number)
                statement.Bind(i + 1, number);
            else
                statement.Bind(i + 1, (string)Values[i]);
        }

        return statement;
    }

    /// <inheritdoc/>
    protected override string AmongParameter(IReadOnlyList<string> wanted) =>
        $" IN (SELECT value FROM json_each({Parameter(JsonSerializer.Serialize(wanted))}))";
}
