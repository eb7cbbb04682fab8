using System.Text.Json;

namespace Fabric.NodeAgent.Network;

/// <summary>Behind which host an address is, as a tunnel's device knows it; or, of <see cref="Everybody"/>, a host to which broadcasts
/// go.</summary>
internal sealed record ForwardingEntry(string Device, string Mac, string Host)
{
    internal const string Everybody = "00:00:00:00:00:00";

    internal static readonly string[] Command = ["bridge", "-json", "fdb", "show"];

    /// <summary>The entries of all tunnels of a namespace, read from <see cref="Command"/>.</summary>
    internal static IReadOnlyList<ForwardingEntry> Parse(string json)
    {
        using var document = JsonDocument.Parse(json.Length == 0 ? "[]" : json);
        return [.. document.RootElement.EnumerateArray()
            .Where(entry => entry.TryGetProperty("dst", out _) && entry.TryGetProperty("ifname", out _))
            .Select(entry => new ForwardingEntry(
                entry.GetProperty("ifname").GetString()!, entry.GetProperty("mac").GetString()!, entry.GetProperty("dst").GetString()!))];
    }
}

/// <summary>The way to the entries that tunnels should have, as commands for <c>bridge -batch</c>; pure.</summary>
internal static class TunnelPlan
{
    internal static IReadOnlyList<string[]> Make(IReadOnlyList<TunnelTarget> targets, IReadOnlyList<ForwardingEntry> observed)
    {
        var byDevice = observed.ToLookup(entry => entry.Device, StringComparer.Ordinal);
        return [.. targets.SelectMany(target => Entries(target, byDevice[target.Name]))];
    }

    private static IEnumerable<string[]> Entries(TunnelTarget target, IEnumerable<ForwardingEntry> observed)
    {
        var wanted = target.Peers.ToHashSet(StringComparer.Ordinal);
        var there = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in observed)
            if (!wanted.Contains(entry.Host))

                // Also what was learned of a host that has nothing of the network any more: a guest that was rebuilt elsewhere and does
                // not speak first would be looked for at the dead until the entry ages.
                yield return ["fdb", "delete", entry.Mac, "dev", target.Name, "dst", entry.Host];
            else if (entry.Mac == ForwardingEntry.Everybody)
                there.Add(entry.Host);

        foreach (var peer in target.Peers.Where(peer => !there.Contains(peer)))
            yield return ["fdb", "append", ForwardingEntry.Everybody, "dev", target.Name, "dst", peer];
    }
}
