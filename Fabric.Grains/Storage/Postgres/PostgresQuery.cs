using System.Text;
using Fabric.Grains.Kernel;
using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>
/// A <see cref="ResourceQuery"/> as SQL. The text depends on the question's shape alone (which conditions, not which values), so that few
/// statements are prepared and none is ever built from input. Which index serves it is the planner's choice; that one does is the
/// session's setting (<see cref="PostgresConnections"/>) and a test's concern.
/// </summary>
internal sealed class PostgresQuery
{
    private readonly StringBuilder sql = new();
    private readonly List<object> values = [];
    private readonly ResourceQuery query;

    private PostgresQuery(ResourceQuery query) => this.query = query;

    /// <summary>The statement's text.</summary>
    public string Sql => sql.ToString();

    /// <summary>True when a text is asked for that PostgreSQL cannot hold, so that nothing can match.</summary>
    public bool MatchesNothing => values.Any(static value => value switch
    {
        string text => !CanHold(text),
        string[] texts => texts.All(static text => !CanHold(text)),
        _ => false,
    });

    /// <summary>False for a text with a character zero in it: no text in the database has one.</summary>
    public static bool CanHold(string text) => !text.Contains('\0');

    /// <summary>Rows of id or of etag and document, in order. The marker's own value in the sorted column comes from
    /// <paramref name="marker"/>.</summary>
    public static PostgresQuery Rows(ResourceQuery query, object? marker, int? limit, bool withDocs)
    {
        var built = new PostgresQuery(query);
        built.sql.Append(withDocs ? "SELECT etag, doc" : "SELECT id");
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
    public static PostgresQuery Count(ResourceQuery query)
    {
        var built = new PostgresQuery(query);
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

    /// <summary>The statement with its values.</summary>
    public NpgsqlCommand Command(NpgsqlConnection connection, string prefix = "") => connection.Command(prefix + Sql, [.. values]);

    private void Conditions()
    {
        sql.Append(" FROM resource WHERE kind = ").Append(Parameter(query.Kind));
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

    private void AnyOf(string column, IReadOnlyList<string>? wanted)
    {
        if (wanted is null)
            return;
        sql.Append(" AND ").Append(column);
        if (wanted.Count == 1)
            sql.Append(" = ").Append(Parameter(wanted[0]));
        else
            sql.Append(" = ANY (").Append(Parameter(wanted.Where(CanHold).ToArray())).Append(')');
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
        return $"${values.Count}";
    }
}
