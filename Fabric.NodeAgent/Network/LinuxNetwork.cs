using System.Diagnostics;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// The network of a Linux host: bridges and veths by iproute2, the firewall by nftables, DHCP by dnsmasq, IPv6's router advertisements by
/// radvd, routers and DHCP servers each in a network namespace. The host itself holds the state: what was applied stands in aliases,
/// tables and processes, so that after the agent's death nothing is torn down and made anew (see <see cref="DeviceAlias"/>). An
/// application that changes nothing starts one process, one that adds a guest's port two.
/// </summary>
public sealed partial class LinuxNetwork : INetworkDriver
{
    private static readonly ActivitySource Spans = new("Fabric.NodeAgent");

    private const int PlanAttempts = 3;

    private readonly NetworkOptions _options;
    private readonly ILogger _logger;
    private readonly string _tag;
    private readonly HostCommands _commands = new();
    private readonly ApplyQueue _queue = new();
    private readonly DnsmasqServers _dnsmasq;
    private readonly RouterAdvertisers _advertisers;
    private readonly RuleNumbers _numbers = new();
    private readonly MetadataService _metadata;
    private readonly HostSettings _settings;

    /// <summary>Bridges that guests need before the networks are known here.</summary>
    private readonly Dictionary<NetworkId, BridgeTarget> _ensured = [];

    /// <summary>What was applied completely in each namespace; only a memory, the host is asked where it has none.</summary>
    private readonly Dictionary<string, NamespaceTarget> _configured = new(StringComparer.Ordinal);
    private string? _ruleset;

    /// <summary>Makes the driver. Touches nothing on the host.</summary>
    public LinuxNetwork(NetworkOptions options, ILogger<LinuxNetwork> logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.StateDirectory);
        _options = options;
        _logger = logger;
        _tag = DeviceAlias.TagOf(options.StateDirectory);
        var state = Path.GetFullPath(options.StateDirectory);
        _dnsmasq = new(Path.Combine(state, "dhcp"), options.NetNs, _commands, logger);
        _advertisers = new(Path.Combine(state, "ra"), options.NetNs, _commands, logger);
        _metadata = new(options, logger);
        _settings = new(Path.Combine(state, "sysctl"), options.NetNs);
    }

    /// <summary>How many processes were started on the host.</summary>
    internal int ProcessesStarted => _commands.Started;

    private string NamespaceNotes => Path.Combine(Path.GetFullPath(_options.StateDirectory), "namespaces");

    /// <inheritdoc/>
    public Task Apply(DesiredNetworking networking, CancellationToken ct) => _queue.Apply(networking, ApplyNow, ct);

    /// <inheritdoc/>
    public Task<string> EnsureBridge(NetworkId network, int mtu, CancellationToken ct) => _queue.Exclusively(
        async () =>
        {
            var name = DeviceNames.Bridge(network);
            if (_queue.Applied?.Networks.Any(known => known.Id == network) == true || _ensured.ContainsKey(network))
                return name;

            using var span = Spans.StartActivity("network.ensure-bridge");
            var target = new BridgeTarget(network, name, mtu, null);
            await RunHostCommands(NetworkPlan.MakeBridge(target, Facts(await ObserveHost(ct))), HostLayout.Empty, force: false, ct);
            _ensured[network] = target;
            return name;
        },
        ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _metadata.DisposeAsync();
        _queue.Dispose();
    }

    private async Task ApplyNow(DesiredNetworking networking, CancellationToken ct)
    {
        using var span = Spans.StartActivity("network.apply");
        span?.SetTag("fabric.generation", networking.Generation);
        var (began, processes) = (Stopwatch.GetTimestamp(), _commands.Started);

        // The same generation again is the request to look closely: somebody may have changed the host.
        var repair = _queue.Applied?.Generation == networking.Generation;
        if (repair)
        {
            _configured.Clear();
            _ruleset = null;
        }

        var layout = HostLayout.Of(networking, _options);
        foreach (var bridge in layout.Bridges)
            _ensured.Remove(bridge.Network);

        var plan = await PrepareHost(networking, layout, repair, ct);
        await ConfigureTunnels(repair ? layout.Tunnels : plan.TunnelsToConfigure, ct);
        var configure = repair ? layout.Namespaces : plan.NamespacesToConfigure;
        await ConfigureNamespaces(configure, plan.NamespacesToAdd, ct);
        foreach (var network in layout.DhcpNetworks)
            await _dnsmasq.Ensure(network, trust: !repair, ct);

        foreach (var target in layout.Advertisers)
            await _advertisers.Ensure(target, trust: !repair, ct);

        await _metadata.Ensure(networking, layout, ct);
        await RemoveNamespaces(plan.NamespacesToRemove, ct);
        LogApplied(
            networking.Generation, layout.Bridges.Count, layout.Ports.Count, networking.Routers.Count, plan.Commands.Count, configure.Count,
            _commands.Started - processes, (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>Bridges, the outer ends of all legs, and the rules. Planned again when the host changed in between: taps come and go with
    /// their guests, and the kernel takes a lost namespace's legs away in its own time.</summary>
    private async Task<NetworkPlan> PrepareHost(DesiredNetworking networking, HostLayout layout, bool repair, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var host = await ObserveHost(ct);
            ForgetWhatWasTouched(host);
            var plan = NetworkPlan.Make(layout, Facts(host), [.. _ensured.Values]);
            await StopServersExcept(layout, plan, ct);
            await _metadata.Release([.. plan.NamespacesToAdd, .. plan.NamespacesToRemove]);
            await AddNamespaces(plan.NamespacesToAdd, ct);

            // Rules stand before anything is plugged in.
            await ApplyRuleset(layout, plan, networking, ct);
            try
            {
                await RunHostCommands(plan, layout, repair, ct);
                return plan;
            }
            catch (HostProgramException failure) when (attempt < PlanAttempts)
            {
                LogPlanAgain(attempt, failure.Message);
            }
        }
    }

    private async Task<ObservedHost> ObserveHost(CancellationToken ct) =>
        ObservedHost.Parse(await _commands.IpShow(_options.NetNs, ObservedHost.Command, ct));

    private HostFacts Facts(ObservedHost host) => new(host, _tag, NetworkNamespace.Names(), OwnNamespaces(host));

    /// <summary>By the notes made before a namespace was, and by the marks on the legs into it, should the notes be lost.</summary>
    private HashSet<string> OwnNamespaces(ObservedHost host)
    {
        var marked = host.Ours(_tag).Select(link => link.Alias!.Role switch
        {
            DeviceAlias.DhcpRole => DeviceNames.DhcpNamespace(NetworkId.Parse(link.Alias.Owner), _options.NetNs),
            DeviceAlias.RouterRole => DeviceNames.RouterNamespace(RouterId.Parse(link.Alias.Owner), _options.NetNs),
            _ => null,
        }).OfType<string>();
        var noted = Directory.Exists(NamespaceNotes) ? Directory.EnumerateFiles(NamespaceNotes).Select(path => Path.GetFileName(path)) : [];
        return [.. marked, .. noted];
    }

    private async Task ApplyRuleset(HostLayout layout, NetworkPlan plan, DesiredNetworking networking, CancellationToken ct)
    {
        var world = layout.HostLegs.SelectMany(leg => leg.Addresses).Select(Cidr.Parse).OfType<Cidr>().ToList();
        var lists = RuleLists.Of(layout.Ports);
        var ruleset = NftRuleset.Render(layout.Ports, lists, _numbers.Assign(lists), plan.Zones, world, layout.Tunnels);
        if (ruleset != _ruleset)
        {
            await _commands.Nft(_options.NetNs, ruleset, ct);
            _ruleset = ruleset;
        }

        if (_queue.Applied is { } before)
            await Flush(_options.NetNs, ConnectionFlush.OfPorts(before.Ports, networking.Ports, plan.Zones), ct);
    }

    private async Task Flush(string? ns, IReadOnlyList<string> lines, CancellationToken ct)
    {
        if (lines.Count == 0)
            return;

        try
        {
            await _commands.Tool(ns, ["conntrack", "-R", "-"], string.Join('\n', lines) + "\n", ct);
        }
        catch (HostProgramException failure)
        {
            // New connections are judged rightly all the same; without the tool, old ones live on until they end.
            LogFlushFailed(failure.Message);
        }
    }

    /// <summary>A namespace whose legs do not show what we remember was changed by others.</summary>
    private void ForgetWhatWasTouched(ObservedHost host)
    {
        foreach (var target in _configured.Values.ToList())
            if (target.Legs.Any(leg => host.Links.GetValueOrDefault(leg.Outer)?.Alias?.Value != target.Hash))
                _configured.Remove(target.Name);
    }

    private async Task RunHostCommands(NetworkPlan plan, HostLayout layout, bool force, CancellationToken ct)
    {
        if (plan.Commands.Count > 0)
            await _commands.Ip(_options.NetNs, plan.Commands, ct);
        else if (!force)
            return;

        // The host itself must not take part in the guests' IPv6. And bridged packets must pass the IP tables, or no rule of a
        // security group is ever asked.
        await NetworkNamespace.SetSysctls(
            _options.NetNs, [.. plan.NewBridges.Select(bridge => ($"ipv6/conf/{bridge}/disable_ipv6", "1"))]);
        List<(string, string)> settings = [("bridge/bridge-nf-call-iptables", "1"), ("bridge/bridge-nf-call-ip6tables", "1")];

        // Only a host that is the gateway of an external network routes for guests; routers are namespaces, which forward on their own.
        if (layout.HostLegs.Count > 0)
            settings.Add(("ipv4/ip_forward", "1"));

        await _settings.Ensure(settings);
    }
}
