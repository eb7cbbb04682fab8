using System.Text;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Storage;

/// <summary>
/// A <see cref="ResourceQuery"/> as SQL. The text depends on the question's shape alone (which conditions, not which values), so that few
/// statements are prepared and none is ever built from input. A database's own query says what differs: how it names a parameter, where
/// the rows come from, and how one of several values is asked for.
/// </summary>
internal abstract class ResourceSelect(ResourceQuery query)
{
    private readonly StringBuilder sql = new();
    private readonly List<object> values = [];

    /// <summary>The statement's text.</summary>
    public string Sql => sql.ToString();

    /// <summary>Its parameters' values, texts, lists and numbers, in order.</summary>
    protected IReadOnlyList<object> Values => values;

    /// <summary>What is asked.</summary>
    protected ResourceQuery Query => query;

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

    /// <summary>What stands before a parameter's number.</summary>
    protected abstract char ParameterSign { get; }

    /// <summary>The table, with what the database must be told of how to read it.</summary>
    protected abstract string Table { get; }

    /// <summary>A condition on the column before it that holds for any of the values, of which there are none, two or more.</summary>
    protected abstract string AmongParameter(IReadOnlyList<string> wanted);

    /// <summary>Rows of id, or of etag and document, in order. The marker's own value in the sorted column comes from
    /// <paramref name="marker"/>.</summary>
    protected void SelectRows(object? marker, int? limit, bool withDocs)
    {
        sql.Append(withDocs ? "SELECT etag, doc" : "SELECT id");
        Conditions();
        var column = Column(query.Sort);
        var descending = query.Descending ^ query.Paging is { Reverse: true };
        if (marker is not null)
            After(column, marker, query.Paging!.Value.Marker!, descending);
        var direction = descending ? "DESC" : "ASC";
        sql.Append(query.Sort == ResourceSort.Id ? $" ORDER BY id {direction}" : $" ORDER BY {column} {direction}, id {direction}");
        if (limit is { } most)
            sql.Append(" LIMIT ").Append(Parameter((long)most));
    }

    /// <summary>One row: how many match.</summary>
    protected void SelectCount()
    {
        sql.Append("SELECT count(*)");
        Conditions();
    }

    /// <summary>A place in the text for a value.</summary>
    protected string Parameter(object value)
    {
        values.Add(value);
        return $"{ParameterSign}{values.Count}";
    }

    private void Conditions()
    {
        sql.Append(" FROM ").Append(Table).Append(" WHERE kind = ").Append(Parameter(query.Kind));
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
            sql.Append(AmongParameter(wanted));
    }

    private void After(string column, object marker, string markerId, bool descending)
    {
        var compare = descending ? "<" : ">";
        if (query.Sort == ResourceSort.Id)
            sql.Append($" AND id {compare} ").Append(Parameter(markerId));
        else
            sql.Append($" AND ({column}, id) {compare} (").Append(Parameter(marker)).Append(", ").Append(Parameter(markerId)).Append(')');
    }
}
