using System.Net;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>Our namespaces: made, filled, emptied, removed; observation and cleanup of everything.</summary>
public sealed partial class LinuxNetwork
{
    /// <summary>How many namespaces are worked on at a time; more only fight for the kernel's network lock.</summary>
    private const int Parallel = 4;

    /// <inheritdoc/>
    public Task<ObservedNetworking> Observe(CancellationToken ct) => _queue.Exclusively(
        async () =>
        {
            var host = HostIsThere ? await ObserveHost(ct) : new(new Dictionary<string, ObservedLink>());
            var ours = host.Ours(_tag).Select(link => link.Alias!).ToList();
            return new ObservedNetworking
            {
                Networks = ours.Where(alias => alias.Role == DeviceAlias.BridgeRole)
                    .Select(alias => NetworkId.Parse(alias.Owner)).ToHashSet(),
                DhcpNetworks = _dnsmasq.Known().Where(_dnsmasq.IsRunning).ToHashSet(),
                Routers = ours.Where(alias => alias.Role == DeviceAlias.RouterRole).Select(alias => RouterId.Parse(alias.Owner))
                    .Where(router => NetworkNamespace.Exists(DeviceNames.RouterNamespace(router, _options.NetNs))).ToHashSet(),
                Advertisers = _advertisers.Known().Where(_advertisers.IsRunning).ToHashSet(),
                Taps = HostIsThere ? await ObserveTaps(ct) : new HashSet<string>(),
            };
        },
        ct);

    /// <inheritdoc/>
    public Task Cleanup(CancellationToken ct) => _queue.Exclusively(
        async () =>
        {
            using var span = Spans.StartActivity("network.cleanup");
            _queue.Forget();
            _configured.Clear();
            _ensured.Clear();
            _ruleset = null;
            await _dnsmasq.StopAll(ct);
            await _advertisers.StopAll(ct);
            var host = HostIsThere ? await ObserveHost(ct) : new(new Dictionary<string, ObservedLink>());
            var plan = NetworkPlan.Make(HostLayout.Empty, Facts(host), [], evict: true);
            await _metadata.Release(plan.NamespacesToRemove);
            if (HostIsThere)
            {
                await RunHostCommands(plan, HostLayout.Empty, force: false, ct);
                await _commands.Nft(_options.NetNs, RemoveTables(), ct);
                await _settings.PutBack();
            }

            await RemoveNamespaces(plan.NamespacesToRemove, ct);
            RemoveDirectories();
            LogCleaned(_tag);
            return true;
        },
        ct);

    private bool HostIsThere => _options.NetNs is null || NetworkNamespace.Exists(_options.NetNs);

    private static string RemoveTables() => string.Concat(
        ((string[])["bridge", "ip", "ip6"])
            .Select(family => $"table {family} {NftRuleset.Table}\ndelete table {family} {NftRuleset.Table}\n"));

    private async Task<IReadOnlySet<string>> ObserveTaps(CancellationToken ct)
    {
        var tables = await _commands.Tool(_options.NetNs, ["nft", "list", "tables", "bridge"], "", ct);
        if (!tables.Split('\n').Contains($"table bridge {NftRuleset.Table}"))
            return new HashSet<string>();

        var text = await _commands.Tool(_options.NetNs, ["nft", "list", "table", "bridge", NftRuleset.Table], "", ct);
        return text.Split('"').Where(word => word.StartsWith(DeviceNames.TapPrefix, StringComparison.Ordinal) && !word.EndsWith('*'))
            .ToHashSet(StringComparer.Ordinal);
    }

    private void RemoveDirectories()
    {
        var state = Path.GetFullPath(_options.StateDirectory);
        foreach (var path in (string[])[NamespaceNotes, Path.Combine(state, "dhcp"), Path.Combine(state, "ra")])
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
    }

    private async Task StopServersExcept(HostLayout layout, NetworkPlan plan, CancellationToken ct)
    {
        // A server in a namespace that was lost runs in a network that nobody can reach.
        var kept = layout.DhcpNetworks.Select(network => network.Id)
            .Where(network => !plan.NamespacesToAdd.Contains(DeviceNames.DhcpNamespace(network, _options.NetNs))).ToHashSet();
        foreach (var network in _dnsmasq.Known())
            if (!kept.Contains(network))
                await _dnsmasq.Stop(network, ct);

        var advertising = layout.Advertisers.Select(target => target.Router)
            .Where(router => !plan.NamespacesToAdd.Contains(DeviceNames.RouterNamespace(router, _options.NetNs))).ToHashSet();
        foreach (var router in _advertisers.Known())
            if (!advertising.Contains(router))
                await _advertisers.Stop(router, ct);
    }

    private async Task AddNamespaces(IReadOnlyList<string> names, CancellationToken ct)
    {
        if (names.Count == 0)
            return;

        // Noted before it is there: a death in between must leave no namespace that nobody knows.
        Directory.CreateDirectory(NamespaceNotes);
        foreach (var name in names)
        {
            _configured.Remove(name);
            await File.WriteAllTextAsync(Path.Combine(NamespaceNotes, name), "", ct);
        }

        await _commands.Ip(null, [.. names.Select(name => (string[])["netns", "add", name])], ct);
    }

    private async Task RemoveNamespaces(IReadOnlyList<string> names, CancellationToken ct)
    {
        if (names.Count == 0)
            return;

        var there = names.Where(NetworkNamespace.Exists).ToList();
        if (there.Count > 0)
            await _commands.Ip(null, [.. there.Select(name => (string[])["netns", "delete", name])], ct);

        foreach (var name in names)
        {
            _configured.Remove(name);
            if (Directory.Exists(NamespaceNotes))
                File.Delete(Path.Combine(NamespaceNotes, name));
        }
    }

    private async Task ConfigureNamespaces(IReadOnlyList<NamespaceTarget> targets, IReadOnlyList<string> fresh, CancellationToken ct)
    {
        if (targets.Count == 0)
            return;

        var before = new Dictionary<string, NamespaceTarget>(_configured, StringComparer.Ordinal);
        foreach (var target in targets)
            _configured.Remove(target.Name);

        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = ct };
        await System.Threading.Tasks.Parallel.ForEachAsync(
            targets,
            options,
            async (target, inner) => await Configure(target, before.GetValueOrDefault(target.Name), fresh.Contains(target.Name), inner));

        // The mark that says "complete" comes last.
        await _commands.Ip(_options.NetNs, [.. targets.SelectMany(target => NetworkPlan.Commit(target, _tag))], ct);
        foreach (var target in targets)
            _configured[target.Name] = target;
    }

    private static IEnumerable<(string Key, string Value)> Settings(NamespaceTarget target)
    {
        if (target.Forwarding)
        {
            yield return ("ipv4/ip_forward", "1");
            yield return ("ipv6/conf/all/forwarding", "1");
        }

        foreach (var leg in target.Legs)
        {
            // The API gave the addresses out, so nobody else has them: they may be used and listened on at once.
            yield return ($"ipv6/conf/{leg.Inner}/accept_dad", "0");
            yield return ($"ipv6/conf/{leg.Inner}/autoconf", "0");

            // Where the API names no gateway of IPv6, the external network's own router may tell its place. Accepted by one that
            // forwards: 2.
            var listens = leg.Inner.StartsWith(DeviceNames.GatewayLegPrefix, StringComparison.Ordinal)
                && target.Routes.All(route => route.Destination != RouteTarget.DefaultIpv6);
            yield return ($"ipv6/conf/{leg.Inner}/accept_ra", listens ? "2" : "0");
        }
    }

    private async Task Configure(NamespaceTarget target, NamespaceTarget? before, bool fresh, CancellationToken ct)
    {
        using var span = Spans.StartActivity("network.configure-namespace");
        span?.SetTag("fabric.namespace", target.Name);

        // Legs that were made anew are not as remembered, so the memory holds only while the same legs stay.
        var remembered = before is not null && before.Legs.Select(leg => leg.Outer).SequenceEqual(target.Legs.Select(leg => leg.Outer));
        var observed = fresh ? new(new(new Dictionary<string, ObservedLink>()), new HashSet<RouteTarget>())
            : remembered ? ObservedNamespace.Of(before!)
            : ObservedNamespace.Parse(
                await _commands.IpShow(target.Name, ObservedHost.Command, ct),
                await _commands.IpShow(target.Name, ObservedNamespace.RoutesCommand, ct),
                await _commands.IpShow(target.Name, ObservedNamespace.RoutesIpv6Command, ct));
        if (!remembered || !Settings(before!).SequenceEqual(Settings(target)))
            await NetworkNamespace.SetSysctls(target.Name, [.. Settings(target)]);

        // Translation first: a floating address that answers must already lead somewhere.
        if (target.Ruleset.Length > 0 && (!remembered || before!.Ruleset != target.Ruleset))
            await _commands.Nft(target.Name, target.Ruleset, ct);

        var plan = NamespacePlan.Make(target, observed);
        if (plan.Commands.Count > 0)
            await _commands.Ip(target.Name, plan.Commands, ct);

        if (before is not null)
            await Flush(target.Name, ConnectionFlush.OfFloating(before.Floating, target.Floating), ct);

        foreach (var (leg, addresses) in plan.Announce)
        {
            var bare = addresses.Select(address => IPAddress.Parse(address.Split('/')[0])).ToList();
            await GratuitousArp.Announce(target.Name, leg.Inner, leg.Mac, bare);
        }
    }
}
