namespace Orleans.Runtime
{
    /// <summary>A timer of one activation; it dies with it.</summary>
    public interface IGrainTimer : IDisposable
    {
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    /// <summary>How a timer ticks.</summary>
    public readonly struct GrainTimerCreationOptions
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        {
            DueTime = dueTime;
            Period = period;
        }

        public required TimeSpan DueTime { get; init; }

        /// <summary>The time from the end of one tick to the begin of the next.</summary>
        public required TimeSpan Period { get; init; }

        /// <summary>Ticks interleave with requests.</summary>
        public bool Interleave { get; init; }

        /// <summary>Ticks keep idle collection away.</summary>
        public bool KeepAlive { get; init; }
    }
}

namespace Orleans.Timers
{
    using Orleans.Runtime;

    /// <summary>Makes timers.</summary>
    public interface ITimerRegistry
    {
        IDisposable RegisterTimer(IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime,
            TimeSpan period);

        IGrainTimer RegisterGrainTimer<TState>(IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state,
            GrainTimerCreationOptions options);
    }
}
