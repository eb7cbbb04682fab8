using System.Globalization;
using System.Net;

namespace Fabric.Tests.Kit;

/// <summary>A way of the network that is cut: what the one address sends does not reach the other.</summary>
internal readonly record struct CutWay(IPAddress From, IPAddress To);

/// <summary>
/// A network for the processes of one cluster: a switch in a network namespace of its own, and a namespace with one wire to it for each
/// process. The machine's own namespace, with the tests and the database in it, has a wire as well and two addresses, so that the database
/// can be cut off without the clients. What is cut is dropped by the switch: nobody hears of it. All names tell the process of the tests
/// that made them, so what one that was killed left behind is removed by the next.
/// </summary>
internal sealed class ClusterNetwork : IAsyncDisposable
{
    private const string Mark = "fabric-chaos";
    private const int FirstMember = 10;
    private static int made;

    private readonly List<string> namespaces = [];
    private readonly ScratchFolder folder = new();
    private readonly string names;
    private readonly string wire;
    private int third;

    private ClusterNetwork(int number)
    {
        names = string.Create(CultureInfo.InvariantCulture, $"{Mark}-{Environment.ProcessId}-{StartOf(Environment.ProcessId)}-{number}");
        wire = string.Create(CultureInfo.InvariantCulture, $"fc{Environment.ProcessId}-{number}");
    }

    /// <summary>Null when this machine can have such networks, or what it lacks.</summary>
    internal static string? Lacks => Machine.Lacks("ip", "nft", "nsenter");

    /// <summary>The address of the database.</summary>
    internal IPAddress Database => Address(2);

    /// <summary>Makes the switch.</summary>
    internal static async Task<ClusterNetwork> Start()
    {
        await RemoveStale();
        var network = new ClusterNetwork(Interlocked.Increment(ref made));
        try
        {
            await network.Make();
            return network;
        }
        catch (Exception)
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>One namespace more; its name, and its address.</summary>
    internal async Task<(string Namespace, IPAddress Address)> Join()
    {
        var number = FirstMember + namespaces.Count;
        var (own, port, address) = ($"{names}-{number}", $"p{number}", Address(number));
        namespaces.Add(own);
        await Ip("netns", "add", own);
        await Ip("-n", Switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", own);
        await Ip("-n", Switch, "link", "set", port, "master", "switch", "up");
        await Ip("-n", own, "addr", "add", $"{address}/24", "dev", "eth0");
        await Ip("-n", own, "link", "set", "eth0", "up");
        await Ip("-n", own, "link", "set", "lo", "up");
        return (own, address);
    }

    /// <summary>What runs a program in a namespace: it goes before the program.</summary>
    internal static string[] Inside(string name) => ["nsenter", $"--net=/run/netns/{name}", "--"];

    /// <summary>Cuts these ways and no others, in one act; none heals all.</summary>
    internal async Task Cut(params IReadOnlyCollection<CutWay> ways)
    {
        var rules = folder.File("cut.nft");
        await File.WriteAllLinesAsync(rules, ["flush chain bridge chaos cut", .. ways.Select(static way =>
            $"add rule bridge chaos cut ip saddr {way.From} ip daddr {way.To} drop")]);
        await InSwitch("nft", "-f", rules);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var one in namespaces)
            await Remove(one);
        folder.Dispose();
    }

    private string Switch => $"{names}-switch";

    private async Task Make()
    {
        third = await FreeNetwork();
        namespaces.Add(Switch);
        await Ip("netns", "add", Switch);
        await Ip("-n", Switch, "link", "add", "switch", "type", "bridge");
        await Ip("-n", Switch, "link", "set", "switch", "up");
        await Ip("link", "add", wire, "type", "veth", "peer", "name", "outside", "netns", Switch);
        await Ip("-n", Switch, "link", "set", "outside", "master", "switch", "up");
        // The first address is the one that clients come from.
        await Ip("addr", "add", $"{Address(1)}/24", "dev", wire);
        await Ip("addr", "add", $"{Address(2)}/24", "dev", wire);
        await Ip("link", "set", wire, "up");
        await InSwitch("nft", "add table bridge chaos; add chain bridge chaos cut { type filter hook forward priority 0; policy accept; }");
    }

    /// <summary>Of the addresses that are there for measuring networks; one run of the tests must not be in another's way.</summary>
    private static async Task<int> FreeNetwork()
    {
        var taken = (await Command.Run("ip", "-4", "route", "show", "root", "198.18.0.0/15")).Succeeded();
        var first = Environment.ProcessId % 250;
        return Enumerable.Range(0, 250).Select(each => (first + each) % 250)
            .First(each => !taken.Contains(string.Create(CultureInfo.InvariantCulture, $"198.18.{each}.0/"), StringComparison.Ordinal));
    }

    private static async Task RemoveStale()
    {
        var all = (await Command.Run("ip", "netns", "list")).Succeeded().Split('\n').Select(static line => line.Split(' ')[0]);
        foreach (var stale in all.Where(static name => name.StartsWith($"{Mark}-", StringComparison.Ordinal)))
        {
            var parts = stale[(Mark.Length + 1)..].Split('-');
            var maker = int.Parse(parts[0], CultureInfo.InvariantCulture);
            if (StartOf(maker) != parts[1])
                await Remove(stale);
        }
    }

    /// <summary>With whatever runs in it: its maker is gone, or has ended what it knows of.</summary>
    private static async Task Remove(string name)
    {
        var left = (await Command.Run("ip", "netns", "pids", name)).Output;
        foreach (var pid in left.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await Command.Run("kill", "-KILL", pid);
            ClusterClock.CleanUpAfter(int.Parse(pid, CultureInfo.InvariantCulture));
        }
        await Command.Run("ip", "netns", "delete", name);
    }

    /// <summary>When a process began, in ticks since the machine did: with its number, its name. Empty when there is none.</summary>
    private static string StartOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return "";
        }
    }

    private IPAddress Address(int last) => new([198, 18, (byte)third, (byte)last]);

    private static async Task Ip(params string[] arguments) => (await Command.Run("ip", arguments)).Succeeded();

    private async Task InSwitch(params string[] command) =>
        (await Command.Run("ip", ["netns", "exec", Switch, .. command])).Succeeded();
}
