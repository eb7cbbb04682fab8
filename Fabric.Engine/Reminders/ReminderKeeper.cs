using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>Tells a silo of reminders that another silo registered or removed; its key is the silo's address. The table has them already:
/// a silo that does not hear finds them there.</summary>
internal interface IReminderKeeper : IGrainWithStringKey
{
    /// <summary>This row was written just now.</summary>
    [ResponseTimeout("00:00:05")]
    Task Registered(ReminderEntry entry);

    /// <summary>This row was removed just now.</summary>
    [ResponseTimeout("00:00:05")]
    Task Removed(GrainId grain, string name);
}

/// <inheritdoc cref="IReminderKeeper"/>
[SiloPinnedPlacement]
[GrainType("sys.reminders")]
internal sealed class ReminderKeeper(ReminderService reminders) : Grain, IReminderKeeper
{
    public Task Registered(ReminderEntry entry)
    {
        reminders.Adopt(entry);
        return Task.CompletedTask;
    }

    public Task Removed(GrainId grain, string name)
    {
        reminders.Forget(grain, name);
        return Task.CompletedTask;
    }
}
