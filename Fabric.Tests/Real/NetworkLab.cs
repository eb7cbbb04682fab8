using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Fabric.Grains.Kernel;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fabric.Tests.Real;

/// <summary>A host that is a network namespace, and guests that are namespaces too, plugged in by a veth under the name of their port's
/// tap. Nothing of it touches the machine's own network.</summary>
internal sealed class NetworkLab : IAsyncDisposable
{
    private readonly List<string> _namespaces = [];
    private readonly string _name = "fnt" + Guid.NewGuid().ToString("N")[..6];

    private NetworkLab()
    {
        State = Directory.CreateTempSubdirectory("fabric-net-").FullName;
    }

    internal string State { get; }

    internal string Host => _name + "-host";

    /// <summary>The host's address on a lab's underlay; null while there are no other hosts.</summary>
    internal string? TunnelAddress { get; set; }

    internal NetworkOptions Options => new() { StateDirectory = State, NetNs = Host, TunnelAddress = TunnelAddress };

    internal static async Task<NetworkLab> Start()
    {
        Machine.NeedsNetworking();
        var lab = new NetworkLab();
        await lab.Add(lab.Host);
        return lab;
    }

    internal LinuxNetwork Driver(NetworkOptions? options = null) => new(options ?? Options, NullLogger<LinuxNetwork>.Instance);

    /// <summary>A guest plugged in at its port. Returns the name of its namespace.</summary>
    internal async Task<string> Guest(NetworkId network, PortId port, string mac)
    {
        var guest = $"{_name}-{DeviceNames.Tap(port)}";
        await Add(guest);
        await Ip(
            Host,
            $"link add {DeviceNames.Tap(port)} mtu 1450 type veth peer name eth0 address {mac} netns {guest}",
            $"link set {DeviceNames.Tap(port)} master {DeviceNames.Bridge(network)} up");
        await Ip(guest, "link set lo up", "link set eth0 up");
        await Eventually.True(
            async () => (await Run(null, "bridge", "-n", Host, "link", "show", "dev", DeviceNames.Tap(port)))
                .Contains("state forwarding", StringComparison.Ordinal),
            $"the tap of {guest} forwards");
        return guest;
    }

    /// <summary>What the guest's DHCP client was told, by the names of busybox' udhcpc; and sets it on the guest.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> Lease(string guest)
    {
        var script = Path.Combine(State, "lease.sh");
        if (!File.Exists(script))
        {
            await File.WriteAllTextAsync(script, LeaseScript);
            await Run(null, "chmod", "+x", script);
        }

        var text = await Run(guest, "busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "10", "-T", "1", "-A", "1", "-s", script,
            "-O", "staticroutes", "-O", "mtu", "-O", "bootfile", "-O", "tftp", "-x", "hostname:guest");
        return text.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0]).ToDictionary(pairs => pairs.Key, pairs => pairs.Last()[1], StringComparer.Ordinal);
    }

    /// <summary>Runs a command in a namespace; fails the test when it fails.</summary>
    internal static async Task<string> Run(string? ns, params string[] command)
    {
        var (status, output) = await Try(ns, command);
        return status == 0 ? output : throw new InvalidOperationException($"[{ns}] {string.Join(' ', command)}: {status}\n{output}");
    }

    /// <summary>Runs a command in a namespace; true when it succeeds.</summary>
    internal static async Task<bool> Works(string? ns, params string[] command) => (await Try(ns, command)).Status == 0;

    /// <summary>Whether one echo request is answered within a second: for what must not get through.</summary>
    internal static Task<bool> Pings(string ns, string address) => Works(ns, "ping", "-c", "1", "-W", "1", "-n", address);

    /// <summary>Whether an echo request is answered in the end: for what must get through. Neighbour tables that remember how it was, and
    /// a busy machine, cost the first few.</summary>
    internal static Task<bool> Reaches(string ns, string address) => Works(ns, "ping", "-c", "1", "-w", "10", "-i", "0.2", "-n", address);

    /// <summary>Whether a TCP connection comes about within a second: for what must not.</summary>
    internal static Task<bool> Connects(string ns, string address, int port) => Connects(ns, address, port, 0, TimeSpan.FromSeconds(1));

    /// <summary>Whether a TCP connection comes about in the end: for what must.</summary>
    internal static Task<bool> Reaches(string ns, string address, int port, int fromPort = 0) =>
        Connects(ns, address, port, fromPort, TimeSpan.FromSeconds(10));

    private static Task<bool> Connects(string ns, string address, int port, int fromPort, TimeSpan within) => NetworkNamespace.Run(ns, () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        socket.Bind(new IPEndPoint(IPAddress.Any, fromPort));
        try
        {
            socket.Connect(IPAddress.Parse(address), port);
        }
        catch (SocketException pending) when (pending.SocketErrorCode == SocketError.WouldBlock)
        {
            return socket.Poll(within, SelectMode.SelectWrite)
                && (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! == 0;
        }

        return true;
    });

    /// <summary>A TCP server inside a namespace.</summary>
    internal static async Task<LabServer> Serve(string ns, int port) => new(
        port,
        await NetworkNamespace.Run(ns, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            socket.Listen();
            return socket;
        }));

    internal async Task Add(string ns)
    {
        await Run(null, "ip", "netns", "add", ns);
        _namespaces.Add(ns);
        await Run(ns, "ip", "link", "set", "lo", "up");
    }

    internal static async Task Ip(string ns, params string[] commands)
    {
        foreach (var command in commands)
            await Run(null, ["ip", "-n", ns, .. command.Split(' ')]);
    }

    /// <summary>Ends what runs in a namespace.</summary>
    internal static async Task End(string ns)
    {
        foreach (var pid in (await Run(null, "ip", "netns", "pids", ns)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await Try(null, "kill", "-9", pid);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var driver = Driver())
            await driver.Cleanup(default);

        foreach (var ns in _namespaces.AsEnumerable().Reverse())
        {
            await End(ns);
            await Run(null, "ip", "netns", "delete", ns);
        }

        Directory.Delete(State, recursive: true);
    }

    private static async Task<(int Status, string Output)> Try(string? ns, params string[] command)
    {
        string[] all = ns is null ? command : ["ip", "netns", "exec", ns, .. command];
        var start = new ProcessStartInfo(all[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var word in all.Skip(1))
            start.ArgumentList.Add(word);

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    private const string LeaseScript = """
        #!/bin/sh
        [ "$1" = bound ] || exit 0
        env | grep -E '^(ip|mask|router|dns|mtu|staticroutes|domain|hostname|serverid|lease|bootfile|tftp)='
        ip addr replace "$ip/$mask" dev eth0
        ip link set eth0 mtu "${mtu:-1500}"
        set -- $staticroutes
        while [ $# -ge 2 ]; do ip route replace "$1" via "$2"; shift 2; done

        """;
}

/// <summary>A TCP server that notes who called.</summary>
internal sealed class LabServer : IAsyncDisposable
{
    private readonly int _port;
    private readonly Socket _listener;
    private readonly Channel<string> _callers = Channel.CreateUnbounded<string>();
    private readonly Task _accepting;

    internal LabServer(int port, Socket listener)
    {
        (_port, _listener) = (port, listener);
        _accepting = Accept();
    }

    /// <summary>The address that this server sees when the caller connects to it by the given one; null when no connection comes
    /// about.</summary>
    internal async Task<string?> SeenFrom(string caller, string address)
    {
        while (_callers.Reader.TryRead(out _))
        {
            // Callers of before.
        }

        if (!await NetworkLab.Connects(caller, address, _port))
            return null;

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await _callers.Reader.ReadAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                using var caller = await _listener.AcceptAsync();
                _callers.Writer.TryWrite(((IPEndPoint)caller.RemoteEndPoint!).Address.ToString());
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            _callers.Writer.Complete();
        }
    }
}
