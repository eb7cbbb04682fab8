using System.Diagnostics.Metrics;

namespace Fabric.Engine;

/// <summary>What the reminders of a silo measure, under Orleans' own names.</summary>
internal sealed class ReminderMetrics
{
    private readonly Histogram<double> _tardiness;
    private readonly Counter<long> _delivered;

    internal ReminderMetrics(SiloRuntime silo, ReminderService service)
    {
        var meter = silo.Metrics.Orleans;
        _tardiness = meter.CreateHistogram<double>("orleans-reminders-tardiness", "seconds");
        _delivered = meter.CreateCounter<long>("orleans-reminders-ticks-delivered");
        meter.CreateObservableGauge("orleans-reminders-active", () => service.Count);
        meter.CreateObservableGauge("orleans-consistent-ring-size", () => service.Ring.Silos.Count);
        meter.CreateObservableGauge("orleans-consistent-ring-range-percentage-local", () => service.Ring.PercentageOf(silo.Address));
    }

    /// <summary>A tick was taken by its grain, so long after it was due.</summary>
    internal void Delivered(TimeSpan late)
    {
        _tardiness.Record(late.TotalSeconds);
        _delivered.Add(1);
    }
}
