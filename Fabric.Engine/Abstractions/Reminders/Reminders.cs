namespace Orleans
{
    using Orleans.Runtime;

    /// <summary>A grain that durable reminders wake.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>One tick. It may come late, and twice; ticks missed while no silo ran are skipped.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>A durable store of reminders, shared by all silos.</summary>
    public interface IReminderTable
    {
        Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        Task<ReminderTableData> ReadRows(GrainId grainId);

        /// <summary>The rows of grains whose uniform hash lies in (begin, end], a range of the ring; begin = end means all.</summary>
        Task<ReminderTableData> ReadRows(uint begin, uint end);

        Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

        /// <summary>Inserts or replaces by grain and name; returns the new etag.</summary>
        Task<string?> UpsertRow(ReminderEntry entry);

        /// <summary>True when a row with this etag was there.</summary>
        Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

        Task TestOnlyClearTable();
    }

    /// <summary>One row of a reminder table.</summary>
    [Serializable]
    [GenerateSerializer]
    public sealed class ReminderEntry
    {
        [Id(0)]
        public GrainId GrainId { get; set; }

        [Id(1)]
        public string ReminderName { get; set; } = "";

        [Id(2)]
        public DateTime StartAt { get; set; }

        [Id(3)]
        public TimeSpan Period { get; set; }

        [Id(4)]
        public string ETag { get; set; } = "";

        public override string ToString() => $"{ReminderName} of {GrainId}: {StartAt:O} every {Period}";
    }

    /// <summary>Rows of a reminder table.</summary>
    [Serializable]
    [GenerateSerializer]
    public sealed class ReminderTableData
    {
        public ReminderTableData()
        {
        }

        public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

        public ReminderTableData(ReminderEntry entry) => Reminders = [entry];

        [Id(0)]
        public IList<ReminderEntry> Reminders { get; } = [];
    }
}

namespace Orleans.Runtime
{
    /// <summary>A registered reminder.</summary>
    public interface IGrainReminder
    {
        string ReminderName { get; }
    }

    /// <summary>When a tick was due, and came.</summary>
    [Serializable]
    [GenerateSerializer]
    public readonly struct TickStatus
    {
        public TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
        {
            FirstTickTime = firstTickTime;
            Period = period;
            CurrentTickTime = timeStamp;
        }

        [Id(0)]
        public DateTime FirstTickTime { get; }

        [Id(1)]
        public TimeSpan Period { get; }

        [Id(2)]
        public DateTime CurrentTickTime { get; }

        public override string ToString() => $"<{FirstTickTime:O}, {Period}, {CurrentTickTime:O}>";
    }

    /// <summary>A reminder could not be registered or removed.</summary>
    [Serializable]
    [GenerateSerializer]
    public sealed class ReminderException : OrleansException
    {
        public ReminderException(string msg) : base(msg)
        {
        }
    }
}

namespace Orleans.Timers
{
    using Orleans.Runtime;

    /// <summary>Registers reminders.</summary>
    public interface IReminderRegistry
    {
        Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder);

        Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName);

        Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId);
    }
}
