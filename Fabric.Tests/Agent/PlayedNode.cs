using Fabric.Grains.Nodes;
using Fabric.NodeAgent;
using Fabric.NodeAgent.Agent;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.NodeAgent.Network;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fabric.Tests.Agent;

/// <summary>One played host with a real agent on it, which can be killed and started again.</summary>
internal sealed class PlayedNode : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("fabric-agent").FullName;
    private readonly List<SimulatedJournal> journals = [];

    public PlayedNode()
    {
        Options = new() { DataDir = directory, Driver = NodeAgentOptions.Simulated };
        Restart();
    }

    public NodeAgentOptions Options { get; set; }

    public SimulatedHypervisor Host { get; private set; } = null!;

    public NodeAgent.Agent.NodeAgent Agent { get; private set; } = null!;

    public NodeBeat Beat { get; private set; } = null!;

    public RecordTwin Record { get; } = new();

    public SettableTime Time { get; } = new();

    public SimulatedNetwork Network { get; private set; } = null!;

    /// <summary>The agent's process dies; another one starts on the same host.</summary>
    public void Restart()
    {
        journals.Add(new(directory));
        Host = new("sim-0001", journals[^1], Time);
        Network = new(TimeProvider.System);
        Agent = new("sim-0001", Host, Network, NullLogger.Instance);
        Beat = new(Agent, Record, Options, Time, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await Agent.DisposeAsync();
        journals.ForEach(journal => journal.Dispose());
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Beats once and waits for the work that follows.</summary>
    public async Task BeatAndConverge()
    {
        await Beat.Beat(default);
        await Beat.Converging;
    }

    /// <summary>What the cloud answers from now on.</summary>
    public void Want(params DesiredInstance[] instances) => Record.Desired = new() { Instances = instances, InstancesComplete = true };
}

/// <summary>A clock that a test moves on, or sets.</summary>
internal sealed class SettableTime : TimeProvider
{
    private DateTimeOffset now = DateTimeOffset.UtcNow;
    private TimeSpan passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => passed.Ticks;

    /// <summary>Time goes by.</summary>
    public void Pass(TimeSpan time)
    {
        now += time;
        passed += time;
    }

    /// <summary>Somebody sets the clock; no time goes by.</summary>
    public void Set(TimeSpan ahead) => now += ahead;
}
