using System.Diagnostics;

namespace Fabric.Tests.Kit;

/// <summary>Bounded waits for what happens in its own time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until the condition holds; fails with what did not happen.</summary>
    internal static Task True(Func<Task<bool>> condition, string what, TimeSpan? within = null) => True(condition, () => what, within);

    /// <summary>Waits until the condition holds; fails with what did not happen, as it is known by then.</summary>
    internal static async Task True(Func<Task<bool>> condition, Func<string> what, TimeSpan? within = null)
    {
        var limit = within ?? TimeSpan.FromSeconds(20);
        var begun = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(begun) >= limit)
                Assert.Fail($"Not within {limit.TotalSeconds:0} s: {what()}.");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Waits until the condition holds; fails with what did not happen.</summary>
    internal static Task True(Func<bool> condition, string what, TimeSpan? within = null) =>
        True(() => Task.FromResult(condition()), what, within);
}
