using System.Text;
using System.Text.Json;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Storage.Sqlite;

/// <summary>
/// A <see cref="ResourceQuery"/> as SQL. The text depends on the question's shape alone (which conditions, not which values), so that few
/// statements are prepared and none is ever built from input. The index is named, not left to the planner: a plan can't change with the
/// data, and a shape that no index serves fails when it is first prepared, not when the table has grown.
/// </summary>
internal sealed class SqliteQuery
{
    private readonly StringBuilder sql = new();
    private readonly List<object> values = [];
    private readonly ResourceQuery query;

    private SqliteQuery(ResourceQuery query) => this.query = query;

    /// <summary>The statement's text.</summary>
    public string Sql => sql.ToString();

    /// <summary>Rows of id and, when asked for, document, in order. The marker's own value in the sorted column comes from <paramref
    /// name="marker"/>.</summary>
    public static SqliteQuery Rows(ResourceQuery query, object? marker, int? limit, bool withDocs)
    {
        var built = new SqliteQuery(query);
        built.sql.Append(withDocs ? "SELECT id, etag, doc" : "SELECT id");
        built.Conditions();
        var column = Column(query.Sort);
        var descending = query.Descending ^ query.Paging is { Reverse: true };
        if (marker is not null)
            built.After(column, marker, query.Paging!.Value.Marker!, descending);
        var direction = descending ? "DESC" : "ASC";
        built.sql.Append(query.Sort == ResourceSort.Id ? $" ORDER BY id {direction}" : $" ORDER BY {column} {direction}, id {direction}");
        if (limit is { } most)
            built.sql.Append(" LIMIT ").Append(built.Parameter((long)most));
        return built;
    }

    /// <summary>One row: how many match.</summary>
    public static SqliteQuery Count(ResourceQuery query)
    {
        var built = new SqliteQuery(query);
        built.sql.Append("SELECT count(*)");
        built.Conditions();
        return built;
    }

    /// <summary>The column that a list is sorted by.</summary>
    public static string Column(ResourceSort sort) => sort switch
    {
        ResourceSort.CreatedAt => "created_at",
        ResourceSort.UpdatedAt => "updated_at",
        ResourceSort.Name => "name",
        ResourceSort.Status => "status",
        ResourceSort.Id => "id",
        _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, null),
    };

    /// <summary>The statement, ready to step.</summary>
    public SqliteStatement Prepare(SqliteSession session)
    {
        var statement = session.Statement(Sql);
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is long number)
                statement.Bind(i + 1, number);
            else
                statement.Bind(i + 1, (string)values[i]);
        }

        return statement;
    }

    private void Conditions()
    {
        sql.Append(" FROM resource INDEXED BY ").Append(Index()).Append(" WHERE kind = ").Append(Parameter(query.Kind));
        if (query.ProjectId is { } project)
            sql.Append(" AND project_id = ").Append(Parameter(project));
        AnyOf("id", query.Ids);
        AnyOf("name", query.Names);
        AnyOf("status", query.Statuses);
        if (query.ChangedSince is { } since)
            sql.Append(" AND updated_at >= ").Append(Parameter(RecordTime.Micros(since)));
        if (query.UnchangedSince is { } before)
            sql.Append(" AND updated_at < ").Append(Parameter(RecordTime.Micros(before)));
        foreach (var (name, wanted) in query.Refs)
        {
            sql.Append(" AND id IN (SELECT id FROM resource_ref WHERE kind = ").Append(Parameter(query.Kind))
                .Append(" AND name = ").Append(Parameter(name));
            AnyOf("value", wanted);
            sql.Append(')');
        }
    }

    /// <summary>The narrowest index for the conditions; without any, the one that has the order.</summary>
    private string Index() => query switch
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

    private void AnyOf(string column, IReadOnlyList<string>? wanted)
    {
        if (wanted is null)
            return;
        sql.Append(" AND ").Append(column);
        if (wanted.Count == 1)
            sql.Append(" = ").Append(Parameter(wanted[0]));
        else
            sql.Append(" IN (SELECT value FROM json_each(").Append(Parameter(JsonSerializer.Serialize(wanted))).Append("))");
    }

    private void After(string column, object marker, string markerId, bool descending)
    {
        var compare = descending ? "<" : ">";
        if (query.Sort == ResourceSort.Id)
            sql.Append($" AND id {compare} ").Append(Parameter(markerId));
        else
            sql.Append($" AND ({column}, id) {compare} (").Append(Parameter(marker)).Append(", ").Append(Parameter(markerId)).Append(')');
    }

    private string Parameter(object value)
    {
        values.Add(value);
        return $"?{values.Count}";
    }
}
