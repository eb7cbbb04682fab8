namespace Fabric.Tests.Kit;

/// <summary>A libvirtd of a test's own (<c>tools/libvirtd.sh</c>); it and every guest in it are gone when this is disposed.</summary>
internal sealed class PrivateLibvirt : IAsyncDisposable
{
    private readonly ScratchFolder folder = new();

    private readonly Dictionary<string, string> environment = [];

    private PrivateLibvirt() { }

    internal string Data => folder.Path;

    internal string Uri { get; private set; } = "";

    /// <summary>Starts it.</summary>
    /// <param name="netns">The network namespace to live in; null for the machine's own.</param>
    internal static async Task<PrivateLibvirt> Start(string? netns = null)
    {
        Machine.NeedsLibvirt();
        var libvirt = new PrivateLibvirt();
        if (netns is not null)
            libvirt.environment["FABRIC_NETNS"] = netns;
        libvirt.Uri = (await libvirt.Script("start")).Succeeded();
        return libvirt;
    }

    /// <summary>One of the script's verbs on this data directory.</summary>
    internal Task<Answer> Script(string verb) => Command.Run(
        Path.Combine(Machine.Repository, "tools", "libvirtd.sh"), [verb, Data], TimeSpan.FromMinutes(3), environment);

    internal Task<Answer> Virsh(params string[] arguments) => Command.Run("virsh", ["-q", "-c", Uri, .. arguments]);

    /// <summary>Ends the daemon as a crash would; guests are not asked.</summary>
    internal async Task Kill()
    {
        var pid = (await File.ReadAllTextAsync(Path.Combine(Data, "libvirt", "run", "libvirtd.pid"))).Trim();
        (await Command.Run("kill", "-KILL", pid)).Succeeded();
    }

    public async ValueTask DisposeAsync()
    {
        (await Script("purge")).Succeeded();
        folder.Dispose();
    }
}
