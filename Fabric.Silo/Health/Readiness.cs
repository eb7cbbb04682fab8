using Fabric.Grains.Storage;

namespace Fabric.Silo.Health;

/// <summary>Says whether the process can serve: the database answers, every node of this process was taken up, and nobody told it to
/// stop. Migrations and bootstrap need no word here: the port opens after them.</summary>
internal sealed class Readiness(IServiceProvider services, IHostApplicationLifetime lifetime)
{
    /// <summary>What is still missing; empty when ready.</summary>
    public async Task<IReadOnlyList<string>> Missing(CancellationToken ct)
    {
        List<string> missing = [];
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            missing.Add("stopping");
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
            missing.Add("starting");
        try
        {
            // Any read will do: it goes to the file.
            await services.GetRequiredService<IResourceIndex>().FindByUniqueKey("", ct);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            missing.Add("database");
        }

        if (NodeRole.Missing(services) is { } nodes)
            missing.Add(nodes);
        return missing;
    }
}
