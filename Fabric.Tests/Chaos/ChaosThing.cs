using System.Globalization;
using System.Text.Json;

namespace Fabric.Tests.Chaos;

/// <summary>A kind of resource, and how its requests look. What is written to all of them is a number, as their description.</summary>
/// <param name="Singular">Its name in bodies.</param>
/// <param name="Path">Its collection.</param>
/// <param name="List">The list that shows all of it.</param>
/// <param name="GoesAtOnce">True when a delete that was answered is over; false when it has only begun.</param>
internal sealed record ChaosKind(string Singular, string Path, string List, bool GoesAtOnce)
{
    internal static readonly ChaosKind Network = new("network", "/networking/v2.0/networks", "/networking/v2.0/networks", true);
    internal static readonly ChaosKind Port = new("port", "/networking/v2.0/ports", "/networking/v2.0/ports", true);
    internal static readonly ChaosKind Flavor = new("flavor", "/compute/v2.1/flavors", "/compute/v2.1/flavors/detail?is_public=None", true);
    internal static readonly ChaosKind Server = new("server", "/compute/v2.1/servers", "/compute/v2.1/servers/detail", false);

    internal static readonly IReadOnlyList<ChaosKind> All = [Network, Port, Flavor, Server];

    /// <inheritdoc/>
    public override string ToString() => Singular;
}

/// <summary>
/// One resource and all that is known of it. One client writes it, one write after the other, each a number higher than the one before; all
/// clients read it, at any time, through any gateway. A write without an answer may have been done, may still be done, or never be.
/// </summary>
internal sealed class ChaosThing(ChaosKind kind, string id, string name, long revision)
{
    private readonly Lock guard = new();
    private readonly HashSet<int> doubtful = [];
    private int acknowledged;
    private int issued;
    private bool deleteBegun;
    private bool deleted;
    private long revision = revision;

    internal ChaosKind Kind => kind;

    internal string Id => id;

    internal string Name => name;

    /// <summary>The address that a port was given; null for others.</summary>
    internal string? Address { get; init; }

    internal string Path => $"{kind.Path}/{id}";

    /// <summary>Somebody has asked for its end.</summary>
    internal bool DeleteBegun => Read(() => deleteBegun);

    /// <summary>Its end was seen by all, and need not be looked at again.</summary>
    internal bool Buried { get; set; }

    /// <summary>Its end was acknowledged.</summary>
    internal bool Deleted => Read(() => deleted);

    /// <summary>The number to write next.</summary>
    internal int BeginWrite() => Read(() => ++issued);

    /// <summary>How many writes were acknowledged.</summary>
    internal int Writes { get; private set; }

    /// <summary>A write came to its end.</summary>
    internal void EndWrite(int value, ChaosAnswer answer)
    {
        lock (guard)
        {
            if (answer.Yes)
                (acknowledged, Writes) = (value, Writes + 1);
            else if (!answer.No)
                doubtful.Add(value);
            if (answer.Yes && Revision(answer.Body) is { } shown)
                revision = Math.Max(revision, shown);
        }
    }

    internal void BeginDelete() => Read(() => deleteBegun = true);

    internal void EndDelete(ChaosAnswer answer) => Read(() => deleted |= answer.Yes);

    /// <summary>What a reader may rely on, taken before it asks.</summary>
    internal Known Begin() => Read(() => new Known(acknowledged, deleted, revision));

    /// <summary>What is wrong with an answer to a reader; null when nothing is.</summary>
    internal string? Judge(Known known, ChaosAnswer answer)
    {
        lock (guard)
        {
            if (answer.Status is 404)
                return deleteBegun ? null : $"{kind} {name} ({id}) was created, never deleted, and is not there";
            if (!answer.Yes)
                return answer.No ? $"{kind} {name} ({id}) cannot be read: {answer}" : null;
            if (known.Deleted && kind.GoesAtOnce)
                return $"{kind} {name} ({id}) was deleted, and is there: {answer}";
            var body = answer.Body.GetProperty(kind.Singular);
            var value = int.Parse(body.GetProperty("description").GetString()!, CultureInfo.InvariantCulture);
            var shown = Revision(answer.Body) ?? known.Revision;
            revision = Math.Max(revision, shown);
            if (shown < known.Revision)
                return $"{kind} {name} ({id}) had revision {known.Revision} before, and now has {shown}";
            return (value >= known.Acknowledged && value <= issued) || doubtful.Contains(value)
                ? null
                : $"{kind} {name} ({id}) says {value}; {known.Acknowledged} was acknowledged, {issued} written last, in doubt: "
                    + string.Join(", ", doubtful);
        }
    }

    /// <summary>The revision that an answer shows, of kinds that have one.</summary>
    internal static long? Revision(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            return null;
        var first = body.EnumerateObject().First().Value;
        return first.ValueKind == JsonValueKind.Object && first.TryGetProperty("revision_number", out var number)
            ? number.GetInt64()
            : null;
    }

    private T Read<T>(Func<T> what)
    {
        lock (guard)
            return what();
    }

    /// <summary>What was certain at a moment.</summary>
    internal sealed record Known(int Acknowledged, bool Deleted, long Revision);
}
