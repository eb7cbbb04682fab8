namespace Orleans.Runtime;

/// <summary>
/// Which activation this thread works for right now. The turn scheduler sets it around each turn, so it holds in continuations too,
/// and code that left the turn (Task.Run) does not see it.
/// </summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static IGrainContext? _current;

    internal static IGrainContext? Current
    {
        get => _current;
        set => _current = value;
    }
}
