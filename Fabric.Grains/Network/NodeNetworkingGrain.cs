using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>
/// One node's networking. A change only says that there is one; the rendering reads everything anew, so a change that was missed is in
/// the next one. Reentrant:
/// while a rendering is applied, any number of callers may come; they all wait for the one that begins after it.
/// </summary>
[GrainType("network.node-networking")]
[Reentrant]
internal sealed class NodeNetworkingGrain(
    [PersistentState(NodeNetworkingState.Kind)] IPersistentState<NodeNetworkingState> record,
    NodePartReader reader,
    ILogger<NodeNetworkingGrain> logger) : Grain, INodeNetworkingGrain, IRemindable
{
    private const string RenderReminder = "render";
    private const int GenerationBlock = 1000;
    private const int MostRetries = 5;

    private static readonly TimeSpan RenderPeriod = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim generations = new(1, 1);
    private TaskCompletionSource next = NewPass();
    private bool wanted;
    private bool running;
    private int retries;
    private IGrainTimer? retryTimer;
    private long generation;
    private long generationEnd;

    private string NodeName => this.GetPrimaryKeyString();

    public Task Changed()
    {
        retries = 0;
        Want();
        return Task.CompletedTask;
    }

    public Task Applied()
    {
        retries = 0;
        Want();
        return next.Task;
    }

    public async Task<DesiredNetworking> Render()
    {
        await this.RegisterOrUpdateReminder(RenderReminder, RenderPeriod, RenderPeriod);
        var number = await NextGeneration();
        return NodeRendering.Render(await reader.Read(NodeName, CancellationToken.None), number);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Changed();

    private static TaskCompletionSource NewPass()
    {
        var pass = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Nobody may be waiting for it: a failure nobody saw is not one of the process.
        _ = pass.Task.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
        return pass;
    }

    private void Want()
    {
        wanted = true;
        if (running)
            return;
        running = true;
        _ = Run();
    }

    private async Task Run()
    {
        // Away from the caller: it must get its task before the pass begins.
        await Task.Yield();
        while (wanted)
        {
            wanted = false;
            var pass = next;
            next = NewPass();
            try
            {
                var part = await ApplyOnce();
                pass.SetResult();
                retries = 0;
                await Tell(part);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // Whatever it was: those who wait hear it, and the node is tried again.
                logger.ApplyFailed(error, NodeName);
                pass.TrySetException(error);
                RetryLater();
            }
        }

        running = false;
    }

    private async Task<NodePart> ApplyOnce()
    {
        // The number comes before the reading: of two renderings the one with the higher number has read later.
        var number = await NextGeneration();
        var part = await reader.Read(NodeName, CancellationToken.None);
        await GrainFactory.GetGrain<INodeGrain>(NodeName).ApplyNetworking(NodeRendering.Render(part, number));
        return part;
    }

    /// <summary>What the node realises now says so in its own record.</summary>
    private async Task Tell(NodePart part)
    {
        var ports = part.Ports.Concat(part.RouterPorts).Where(port => port.Status == PortStatus.Down && port.HostId == NodeName)
            .DistinctBy(static port => port.Id);
        await Task.WhenAll(ports.Select(port => GrainFactory.GetGrain<IPortGrain>(port.Id).Plugged(NodeName)));
        var floatingIps = part.FloatingIps.Where(static floating => floating is { Status: PortStatus.Down, Target: not null });
        await Task.WhenAll(floatingIps.Select(floating => GrainFactory.GetGrain<IFloatingIpGrain>(floating.Id).Applied(floating.Target!)));
    }

    private void RetryLater()
    {
        if (retries >= MostRetries || retryTimer is not null)
            return;
        retries++;
        retryTimer = this.RegisterGrainTimer(Retry, RetryDelay, Timeout.InfiniteTimeSpan);
    }

    private Task Retry()
    {
        retryTimer?.Dispose();
        retryTimer = null;
        Want();
        return Task.CompletedTask;
    }

    /// <summary>Numbers are reserved durably by the block: one write for a thousand renderings, and none given out twice whatever
    /// dies.</summary>
    private async Task<long> NextGeneration()
    {
        await generations.WaitAsync();
        try
        {
            if (generation == generationEnd)
            {
                var from = record.State.Reserved;
                await record.Save(new() { Reserved = from + GenerationBlock });
                (generation, generationEnd) = (from, from + GenerationBlock);
            }

            return ++generation;
        }
        finally
        {
            generations.Release();
        }
    }
}

/// <summary>The numbers of renderings that were reserved for a node.</summary>
[GenerateSerializer, Immutable, Alias("network.node-networking-state")]
public sealed record NodeNetworkingState
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "node-networking";

    /// <summary>The last number reserved.</summary>
    [Id(0)] public long Reserved { get; init; }
}

/// <summary>Networking's part of what a node should run.</summary>
internal sealed class NetworkDesiredState(IGrainFactory grains) : IDesiredStateSource
{
    public async Task<DesiredNode> Complete(string nodeName, DesiredNode desired, CancellationToken ct)
    {
        var networking = await grains.GetGrain<INodeNetworkingGrain>(nodeName).Render();
        await grains.GetGrain<INetworkReconcilerGrain>(INetworkReconcilerGrain.Key).Start();
        return desired with { Networking = networking };
    }
}
