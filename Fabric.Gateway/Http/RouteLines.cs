using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Fabric.Gateway.Http;

/// <summary>The lines of one path and one method, sorted out before the first request comes: every request asks for them.</summary>
internal sealed class RouteLines
{
    private readonly Route[] all;

    /// <summary>As many entries as the service has versions: what a version offers never changes.</summary>
    private readonly ConcurrentDictionary<Microversion, Route[]>? byVersion;

    private RouteLines(IEnumerable<Route> lines)
    {
        all = [.. lines];
        IsPublic = Array.Exists(all, static line => line.Policy.IsPublic);
        byVersion = Array.Exists(all, static line => line.Since is not null || line.Until is not null) ? new() : null;
    }

    /// <summary>Whether one of them asks for no token.</summary>
    internal bool IsPublic { get; }

    internal static FrozenDictionary<string, RouteLines> ByMethod(IEnumerable<Route> lines) =>
        lines.GroupBy(static line => line.Method, StringComparer.Ordinal).ToFrozenDictionary(
            static group => group.Key, static group => new RouteLines(group), StringComparer.Ordinal);

    /// <summary>Those that the version has.</summary>
    internal Route[] At(Microversion version) => byVersion is null ? all : byVersion.GetOrAdd(
        version, static (asked, lines) => Array.FindAll(lines, line => line.Offers(asked)), all);
}
