using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Fabric.Tests.Chaos;

/// <summary>What lists, and the times in them, must be like in a cloud that has healed.</summary>
internal sealed class ChaosLists(ConcurrentQueue<string> violations, DateTimeOffset begun)
{
    /// <summary>A clock of the cluster may be off by as long as an answer of the database takes; the jumps of clocks that matter are
    /// longer.</summary>
    private static readonly TimeSpan Off = TimeSpan.FromSeconds(30);

    private static readonly string[] Moments = ["created_at", "updated_at", "created", "updated"];

    /// <summary>A list has all that was created and not deleted, nothing that was deleted, and nothing twice.</summary>
    internal void Match(ChaosKind kind, IReadOnlyList<JsonElement> listed, IReadOnlyCollection<ChaosThing> things)
    {
        var ids = new HashSet<string>();
        foreach (var one in listed)
        {
            if (!ids.Add(Text(one, "id")))
                violations.Enqueue($"{kind} {Text(one, "name")} ({Text(one, "id")}) stands twice in a list");
            Times(kind, one);
        }
        foreach (var thing in things.Where(thing => thing.Kind == kind))
        {
            if (!thing.DeleteBegun && !ids.Contains(thing.Id))
                violations.Enqueue($"{thing.Name} ({thing.Id}) was created, never deleted, and is in no list");
            if (thing.Deleted && ids.Contains(thing.Id))
                violations.Enqueue($"{thing.Name} ({thing.Id}) was deleted, and is in a list");
        }
        // Each name was asked for once: two of it are one request that was done twice.
        foreach (var twice in listed.Where(OfLoad).GroupBy(static one => Text(one, "name")).Where(static same => same.Count() > 1))
            violations.Enqueue($"{twice.Key} was made as {string.Join(" and as ", twice.Select(static one => Text(one, "id")))}");
    }

    /// <summary>Its name has the form that the load gives.</summary>
    internal static bool OfLoad(JsonElement one) => ChaosKind.All.Any(
        kind => Text(one, "name").StartsWith($"{kind}-", StringComparison.Ordinal));

    internal static string Text(JsonElement one, string property) => one.GetProperty(property).GetString() ?? "";

    /// <summary>Whatever the clocks of the members say: it was made since the run began, and not in the future.</summary>
    private void Times(ChaosKind kind, JsonElement one)
    {
        foreach (var name in Moments.Where(name => OfLoad(one) && one.TryGetProperty(name, out var at)
            && at.ValueKind == JsonValueKind.String))
        {
            var moment = DateTimeOffset.Parse(Text(one, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            if (moment < begun - Off || moment > TimeProvider.System.GetUtcNow() + Off)
                violations.Enqueue($"{kind} {Text(one, "name")} ({Text(one, "id")}) says {name}: {moment:O}, in a run begun at {begun:O}");
        }
    }
}
