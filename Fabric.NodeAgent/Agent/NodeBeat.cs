using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Agent;

/// <summary>The conversation of one node with its record in the cloud: register, converge, tell what changed. Whoever drives it calls
/// <see cref="Beat"/> again and again, never twice at once.</summary>
internal sealed partial class NodeBeat(
    NodeAgent agent, IHypervisorGrain record, NodeAgentOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Real guests start one at a time per core or so; played ones cost nothing.</summary>
    private readonly int parallel = options.Driver == NodeAgentOptions.Simulated ? 16 : 2;
    private Task converging = Task.CompletedTask;
    private long? reconciledAt;
    private NodeInventory? inventory;
    private bool tellEverything;

    /// <summary>The node.</summary>
    public NodeAgent Agent => agent;

    /// <summary>Whether the cloud has taken the node up.</summary>
    public bool Registered { get; private set; }

    /// <summary>The work that the last answer of the cloud asked for; done when the host is as it said.</summary>
    public Task Converging => converging;

    /// <summary>One round. Throws when the cloud or the host did not answer: call again.</summary>
    public async Task Beat(CancellationToken ct)
    {
        if (!Registered || reconciledAt is not { } last || time.GetElapsedTime(last) >= options.ReconcileInterval)
            await Register(ct);
        await Report(ct);
    }

    private async Task Register(CancellationToken ct)
    {
        inventory = await agent.Probe(ct);
        var asked = agent.Moment();
        var begun = time.GetTimestamp();
        var now = time.GetUtcNow();
        var desired = await record.Register(inventory);
        if (!Registered)
            LogRegistered(agent.NodeName, desired.Instances.Count);
        Registered = true;
        reconciledAt = begun;
        tellEverything = true;
        // Bringing guests up can take minutes; the heart beats on meanwhile. A round that is still at work is not doubled.
        if (converging.IsCompleted)
            converging = Converge(desired, asked, now - options.OrphanGrace, ct);
    }

    private async Task Converge(DesiredNode desired, long asked, DateTimeOffset orphansBefore, CancellationToken ct)
    {
        try
        {
            await agent.Converge(desired, asked, orphansBefore, parallel, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The process ends; the next one starts from what it finds.
        }
#pragma warning disable CA1031 // Nobody awaits this task; what went wrong is logged, and registering again is the way to try again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogConvergeFailed(failure, agent.NodeName);
            reconciledAt = null;
        }
    }

    private async Task Report(CancellationToken ct)
    {
        // While guests are brought up, half of them are not as the cloud thinks; that is no news.
        if (!converging.IsCompleted)
        {
            Registered = await record.Report(new() { Inventory = inventory! });
            return;
        }
        var everything = tellEverything;
        var observation = await agent.Look(everything, ct);
        Registered = await record.Report(new() { Inventory = inventory!, Instances = observation.Instances, Complete = everything });
        if (!Registered)
            return;
        observation.Told();
        tellEverything = false;
    }

    [LoggerMessage(10, LogLevel.Information, "Node {NodeName} is registered; it should have {Guests} guests")]
    private partial void LogRegistered(string nodeName, int guests);

    [LoggerMessage(11, LogLevel.Error, "Node {NodeName} could not be made as the cloud wants it; it asks again")]
    private partial void LogConvergeFailed(Exception failure, string nodeName);
}
