namespace Fabric.Hosting.Health;

/// <summary>One thing that must be there before the process can serve. Every part of a process registers its own.</summary>
public interface IReadinessCheck
{
    /// <summary>What is missing, in a few words for <c>/readyz</c>; null when nothing is. Cheap: it is asked every few seconds. What it
    /// throws counts as missing.</summary>
    ValueTask<string?> Missing(CancellationToken ct);
}
