namespace Fabric.Engine;

/// <summary>Cancels from a timer or from another's turn.</summary>
internal static class LateCancellation
{
    /// <summary>Cancels, unless what it was for ended first: a timer's callback may already be on its way when the timer is disposed, and
    /// nobody is left then to be told.</summary>
    internal static void CancelIfAlive(this CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended first.
        }
    }
}
