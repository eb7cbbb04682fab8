using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Hypervisor.Simulated;

/// <summary>A played guest: what was asked for and what is, kept apart, as on a real host.</summary>
internal sealed record SimulatedGuest
{
    public required InstanceId Id { get; init; }

    public required string DomainName { get; init; }

    public required DateTimeOffset DefinedAt { get; init; }

    /// <summary>The newest intent that was taken on.</summary>
    public required long Generation { get; init; }

    /// <summary>What is wanted.</summary>
    public required DesiredPower Requested { get; init; }

    /// <summary>What is.</summary>
    public PowerState Current { get; init; } = PowerState.NoState;

    /// <summary>Whether its memory is kept on disk.</summary>
    public bool IsSaved { get; init; }

    /// <summary>How often the guest was started, restarts included. Tells a guest that was left alone from one that was not.</summary>
    public int Boots { get; init; }

    /// <summary>The generation that was last rebooted for.</summary>
    public long RebootedFor { get; init; }

    public int Vcpus { get; init; }

    public int MemoryMiB { get; init; }

    /// <summary>Whether it rests as wanted.</summary>
    public bool IsSettled => Current == Requested.WhenDone();

    /// <summary>Whether it is in memory.</summary>
    public bool IsActive => Current is PowerState.Running or PowerState.Paused;

    /// <summary>One move towards what is wanted.</summary>
    public SimulatedGuest Settle() => (IsSettled, Requested) switch
    {
        (true, _) => this,
        (_, DesiredPower.Stopped) => this with { Current = PowerState.Shutdown },
        (_, DesiredPower.Suspended) => this with { Current = PowerState.Shutdown, IsSaved = IsActive },

        // What is in memory, or was kept, goes on; anything else starts.
        _ => this with { Current = Requested.WhenDone(), IsSaved = false, Boots = IsActive || IsSaved ? Boots : Boots + 1 },
    };
}
