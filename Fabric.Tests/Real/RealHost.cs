using Fabric.Tests.Kit;

namespace Fabric.Tests.Real;

/// <summary>One libvirtd for all tests that need one and can share it: each keeps to the guests of its own data directory.</summary>
public sealed class RealHost : IAsyncLifetime
{
    internal const string NodeName = "real-node";

    private PrivateLibvirt? libvirt;
    private string? answer;

    internal string Uri => libvirt!.Uri;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (libvirt is not null)
            await libvirt.DisposeAsync();
    }

    /// <summary>Starts libvirtd at the first call; skips the test where it cannot run. Not done by the fixture, which cannot
    /// skip.</summary>
    internal async Task Start() => libvirt ??= await PrivateLibvirt.Start();

    internal Task<Answer> Virsh(params string[] arguments) => libvirt!.Virsh(arguments);

    /// <summary>libvirtd crashes, and somebody starts it again.</summary>
    internal async Task KillAndStart()
    {
        await libvirt!.Kill();
        (await libvirt.Script("start")).Succeeded();
    }

    /// <summary>Gives a data directory what an earlier one found out about the machine's acceleration.</summary>
    internal void LendAnswer(string data)
    {
        if (answer is null)
            return;
        Directory.CreateDirectory(Path.Combine(data, "nodes", NodeName));
        File.WriteAllText(Answer(data), answer);
    }

    /// <summary>Keeps what a data directory found out.</summary>
    internal void KeepAnswer(string data)
    {
        if (File.Exists(Answer(data)))
            answer = File.ReadAllText(Answer(data));
    }

    private static string Answer(string data) => Path.Combine(data, "nodes", NodeName, "acceleration");
}

/// <summary>Tests that share <see cref="RealHost"/> run one after another: real guests need real processors.</summary>
[CollectionDefinition(nameof(RealHost))]
public sealed class RealHostCollection : ICollectionFixture<RealHost>;
