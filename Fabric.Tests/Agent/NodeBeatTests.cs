using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.Tests.Drivers;

namespace Fabric.Tests.Agent;

/// <summary>The conversation of a node with its record.</summary>
public sealed class NodeBeatTests
{
    [Fact]
    public async Task At_start_the_node_registers_and_guests_that_should_run_are_started()
    {
        await using var node = new PlayedNode();
        var (runs, rests) = (HypervisorSamples.Guest(), HypervisorSamples.Guest() with { Power = DesiredPower.Stopped });
        node.Want(runs, rests);
        await node.BeatAndConverge();

        Assert.Equal("sim-0001", Assert.Single(node.Record.Registrations).NodeName);
        Assert.Equal(PowerState.Running, node.Host.Guests.Single(guest => guest.Id == runs.Id).Current);
        Assert.Equal(PowerState.Shutdown, node.Host.Guests.Single(guest => guest.Id == rests.Id).Current);
    }

    [Fact]
    public async Task An_agent_that_starts_leaves_running_guests_untouched()
    {
        await using var node = new PlayedNode();
        var wanted = HypervisorSamples.Guest();
        await node.Agent.EnsureInstance(wanted, default);
        node.Restart();
        node.Want(wanted);
        await node.BeatAndConverge();
        Assert.Equal(1, Assert.Single(node.Host.Guests).Boots);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_does_not_keep_a_node_from_asking_again()
    {
        await using var node = new PlayedNode();
        await node.BeatAndConverge();
        node.Time.Set(TimeSpan.FromHours(-6));
        await node.BeatAndConverge();
        Assert.Single(node.Record.Registrations);
        node.Time.Pass(node.Options.ReconcileInterval);
        await node.BeatAndConverge();
        Assert.Equal(2, node.Record.Registrations.Count);
    }

    [Fact]
    public async Task An_answer_older_than_the_host_changes_nothing()
    {
        await using var node = new PlayedNode();
        var wanted = HypervisorSamples.Guest();
        node.Want(wanted with { Power = DesiredPower.Stopped });
        await node.Agent.EnsureInstance(wanted with { Generation = 2 }, default);
        await node.BeatAndConverge();
        Assert.Equal(PowerState.Running, Assert.Single(node.Host.Guests).Current);
    }

    [Fact]
    public async Task One_guest_that_cannot_be_had_does_not_hold_up_the_others()
    {
        await using var node = new PlayedNode();
        node.Want([.. Enumerable.Range(0, 5).Select(_ => HypervisorSamples.Guest())]);
        node.Host.Dials.FailNext(SimulatedVerb.Ensure);
        await node.BeatAndConverge();
        Assert.Equal(4, node.Host.Guests.Count);
    }

    [Fact]
    public async Task What_the_cloud_asked_for_is_no_news_but_what_a_guest_did_by_itself_is()
    {
        await using var node = new PlayedNode();
        await node.BeatAndConverge();
        var wanted = HypervisorSamples.Guest();
        await node.Agent.EnsureInstance(wanted, default);
        await node.Beat.Beat(default);
        await node.Beat.Beat(default);
        Assert.Empty(node.Record.Reports.Last().Instances);

        node.Host.Happen(wanted.Id, PowerState.Shutdown);
        await node.Beat.Beat(default);
        Assert.Equal(new(wanted.Id, PowerState.Shutdown, 1), Assert.Single(node.Record.Reports.Last().Instances));
        await node.Beat.Beat(default);
        Assert.Empty(node.Record.Reports.Last().Instances);
    }

    [Fact]
    public async Task News_in_a_lost_message_is_told_again()
    {
        await using var node = new PlayedNode();
        var wanted = HypervisorSamples.Guest();
        await node.Agent.EnsureInstance(wanted, default);
        await node.BeatAndConverge();
        await node.Beat.Beat(default);

        node.Host.Happen(wanted.Id, PowerState.Crashed);
        node.Record.LoseNext();
        await Assert.ThrowsAsync<TimeoutException>(() => node.Beat.Beat(default));
        await node.Beat.Beat(default);
        Assert.Equal(PowerState.Crashed, Assert.Single(node.Record.Reports.Last().Instances).Power);
    }

    [Fact]
    public async Task A_guest_that_somebody_took_away_is_reported_without_a_state()
    {
        await using var node = new PlayedNode();
        var wanted = HypervisorSamples.Guest();
        await node.Agent.EnsureInstance(wanted, default);
        await node.BeatAndConverge();
        await node.Beat.Beat(default);
        node.Host.Vanish(wanted.Id);
        await node.Beat.Beat(default);
        Assert.Equal(new(wanted.Id, PowerState.NoState, 1), Assert.Single(node.Record.Reports.Last().Instances));
    }

    [Fact]
    public async Task A_record_that_forgot_the_node_hears_of_it_and_all_its_guests_again()
    {
        await using var node = new PlayedNode();
        await node.Agent.EnsureInstance(HypervisorSamples.Guest(), default);
        await node.BeatAndConverge();
        node.Record.Knows = false;
        await node.Beat.Beat(default);
        Assert.False(node.Beat.Registered);
        await node.BeatAndConverge();
        await node.Beat.Beat(default);
        Assert.Equal(2, node.Record.Registrations.Count);
        Assert.Contains(node.Record.Reports.Skip(1), report => report is { Complete: true, Instances.Count: 1 });
    }

    [Fact]
    public async Task A_registration_that_was_lost_is_made_again()
    {
        await using var node = new PlayedNode();
        node.Record.LoseNext();
        await Assert.ThrowsAsync<TimeoutException>(() => node.Beat.Beat(default));
        Assert.False(node.Beat.Registered);
        await node.Beat.Beat(default);
        Assert.True(node.Beat.Registered);
    }

    [Fact]
    public async Task An_orphan_is_removed_only_when_it_is_old_and_the_cloud_named_every_guest()
    {
        await using var node = new PlayedNode();
        var orphan = HypervisorSamples.Guest();
        await node.Agent.EnsureInstance(orphan, default);
        node.Want();
        await node.BeatAndConverge();
        Assert.Single(node.Host.Guests);

        node.Time.Pass(node.Options.OrphanGrace + TimeSpan.FromMinutes(1));
        node.Record.Desired = new() { InstancesComplete = false };
        await node.BeatAndConverge();
        Assert.Single(node.Host.Guests);

        node.Time.Pass(node.Options.ReconcileInterval);
        node.Want();
        await node.BeatAndConverge();
        Assert.Empty(node.Host.Guests);
    }

    [Fact]
    public async Task A_guest_removed_while_the_cloud_was_asked_is_not_brought_back_by_the_answer()
    {
        await using var node = new PlayedNode();
        var guest = HypervisorSamples.Guest();
        await node.Agent.EnsureInstance(guest, default);
        var asked = node.Agent.Moment();
        await node.Agent.EnsureInstanceAbsent(guest.Id, default);
        await node.Agent.Converge(new() { Instances = [guest] }, asked, DateTimeOffset.MinValue, 1, default);
        Assert.Empty(node.Host.Guests);
    }
}
