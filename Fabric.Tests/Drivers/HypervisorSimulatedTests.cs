using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Hypervisor;
using Fabric.NodeAgent.Hypervisor.Simulated;

namespace Fabric.Tests.Drivers;

/// <summary>The played hypervisor keeps the contract, and its dials do what they say.</summary>
public sealed class HypervisorSimulatedTests : HypervisorDriverContract
{
    private readonly string directory = Directory.CreateTempSubdirectory("fabric-sim").FullName;
    private readonly List<SimulatedJournal> journals = [];
    private SimulatedHypervisor simulated = null!;

    public override Task DisposeAsync()
    {
        journals.ForEach(journal => journal.Dispose());
        Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }

    private protected override Task<IHypervisorDriver> Open()
    {
        // The earlier journal stays open: a process that was killed closes nothing.
        journals.Add(new(directory));
        simulated = new("sim-0001", journals[^1], TimeProvider.System);
        return Task.FromResult<IHypervisorDriver>(simulated);
    }

    private protected override Task<int> Boots(InstanceId id) => Task.FromResult(simulated.Guests.Single(guest => guest.Id == id).Boots);

    private protected override Task PowerOffFromInside(InstanceId id)
    {
        simulated.Happen(id, PowerState.Shutdown);
        return Task.CompletedTask;
    }

    private protected override Task<bool> LeavesTraces(InstanceId id)
    {
        using var journal = new SimulatedJournal(directory);
        return Task.FromResult(journal.Guests("sim-0001").ContainsKey(id));
    }

    private protected override DesiredInstance NewInstance() => HypervisorSamples.Guest();

    private protected override DesiredInstance Unbuildable()
    {
        simulated.Dials.FailNext(SimulatedVerb.Ensure);
        return HypervisorSamples.Guest();
    }

    [Fact]
    public async Task A_failure_that_was_dialled_comes_once_and_changes_nothing()
    {
        simulated.Dials.FailNext(SimulatedVerb.Ensure, () => new InvalidOperationException("no"));
        var wanted = NewInstance();
        await Assert.ThrowsAsync<InvalidOperationException>(() => simulated.Ensure(wanted, default));
        Assert.Empty(simulated.Guests);
        await simulated.Ensure(wanted, default);
        Assert.Single(simulated.Guests);
    }

    [Fact]
    public async Task A_lost_answer_hides_work_that_was_done()
    {
        simulated.Dials.Lose(SimulatedVerb.Ensure);
        var wanted = NewInstance();
        await Assert.ThrowsAsync<TimeoutException>(() => simulated.Ensure(wanted, default));
        Assert.Equal(PowerState.Running, Assert.Single(simulated.Guests).Current);
        await simulated.Ensure(wanted, default);
        Assert.Equal(1, Assert.Single(simulated.Guests).Boots);
    }

    [Fact]
    public async Task By_hand_a_guest_moves_only_when_stepped()
    {
        simulated.Dials.Manual = true;
        var ensure = simulated.Ensure(NewInstance(), default);
        Assert.Equal(PowerState.NoState, Assert.Single(simulated.Guests).Current);
        Assert.False(ensure.IsCompleted);
        simulated.Step();
        await ensure.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(PowerState.Running, Assert.Single(simulated.Guests).Current);
    }

    [Fact]
    public async Task A_journal_cut_in_the_middle_of_a_line_loses_that_line_only()
    {
        await simulated.Ensure(NewInstance(), default);
        await simulated.Ensure(NewInstance(), default);
        journals[^1].Dispose();
        var path = Path.Combine(directory, "guests.journal");
        await using (var file = File.OpenWrite(path))
            file.SetLength(file.Length - 10);
        using var journal = new SimulatedJournal(directory);
        Assert.Single(journal.Guests("sim-0001"));
    }

    [Fact]
    public async Task Nodes_of_one_process_share_a_journal_but_not_guests()
    {
        var other = new SimulatedHypervisor("sim-0002", journals[^1], TimeProvider.System);
        await simulated.Ensure(NewInstance(), default);
        await other.Ensure(NewInstance(), default);
        using var journal = new SimulatedJournal(directory);
        Assert.Equal(simulated.Guests.Single().Id, Assert.Single(journal.Guests("sim-0001")).Key);
        Assert.Equal(other.Guests.Single().Id, Assert.Single(journal.Guests("sim-0002")).Key);
    }
}
