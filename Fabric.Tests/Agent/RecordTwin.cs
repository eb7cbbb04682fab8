using System.Collections.Concurrent;
using Fabric.Grains.Nodes;

namespace Fabric.Tests.Agent;

/// <summary>A node's record, played: answers what a test put in, keeps what it was told, and can lose messages.</summary>
internal sealed class RecordTwin : IHypervisorGrain
{
    private int lose;

    /// <summary>What the node should have.</summary>
    public DesiredNode Desired { get; set; } = new();

    /// <summary>Whether the record knows the node.</summary>
    public bool Knows { get; set; }

    public ConcurrentQueue<NodeInventory> Registrations { get; } = new();

    public ConcurrentQueue<ObservedNode> Reports { get; } = new();

    /// <summary>The next messages do not arrive.</summary>
    public void LoseNext(int messages = 1) => lose = messages;

    public Task<DesiredNode> Register(NodeInventory inventory)
    {
        Deliver();
        Registrations.Enqueue(inventory);
        Knows = true;
        return Task.FromResult(Desired);
    }

    public Task<bool> Report(ObservedNode observed)
    {
        Deliver();
        Reports.Enqueue(observed);
        return Task.FromResult(Knows);
    }

    public Task SetService(bool? disabled, string? reason, bool? forcedDown) => Task.CompletedTask;

    private void Deliver()
    {
        if (Interlocked.Decrement(ref lose) >= 0)
            throw new TimeoutException("The message was lost.");
        Interlocked.Exchange(ref lose, 0);
    }
}
