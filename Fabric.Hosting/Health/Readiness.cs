namespace Fabric.Hosting.Health;

/// <summary>Says whether the process can serve: nothing that its parts need is missing, and nobody told it to stop.</summary>
internal sealed class Readiness(IEnumerable<IReadinessCheck> checks, IHostApplicationLifetime lifetime)
{
    /// <summary>What is still missing; empty when ready.</summary>
    public async Task<IReadOnlyList<string>> Missing(CancellationToken ct)
    {
        List<string> missing = [];
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            missing.Add("stopping");
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
            missing.Add("starting");
        foreach (var check in checks)
        {
            if (await Ask(check, ct) is { } what)
                missing.Add(what);
        }

        return missing;
    }

    private static async Task<string?> Ask(IReadinessCheck check, CancellationToken ct)
    {
        try
        {
            return await check.Missing(ct);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return $"{check.GetType().Name}: {failure.GetType().Name}";
        }
    }
}
