using Fabric.Grains.Storage;
using Fabric.Hosting.Health;

namespace Fabric.Gateway;

/// <summary>Whether the database answers. Migrations and bootstrap need no check: the port opens after them.</summary>
public sealed class DatabaseReady(IResourceIndex index) : IReadinessCheck
{
    /// <inheritdoc/>
    public async ValueTask<string?> Missing(CancellationToken ct)
    {
        try
        {
            // Any read will do: it goes to the database.
            await index.FindByUniqueKey("", ct);
            return null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return "database";
        }
    }
}
