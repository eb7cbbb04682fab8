using Orleans.Concurrency;

namespace Fabric.Grains.Sagas;

/// <summary>One saga; the key is its id. Its steps run on its activation, between requests, and outlive both.</summary>
[Alias("sagas.saga")]
internal interface ISagaGrain : IGrainWithStringKey
{
    /// <summary>Starts it, durably, unless it was started before. Does not wait for the steps.</summary>
    /// <param name="saga">Name of the saga's class.</param>
    /// <param name="value">What it works on: JSON.</param>
    /// <param name="traceParent">The trace its steps belong to.</param>
    [Alias("Start")]
    Task Start(string saga, string value, string? traceParent);

    /// <summary>Where it stands; null when there is nothing of it.</summary>
    [Alias("Status")]
    [AlwaysInterleave]
    Task<SagaStatus?> Status();

    /// <summary>Goes on with it, when it is not over and nobody does.</summary>
    [Alias("Wake")]
    [AlwaysInterleave]
    Task Wake();
}

/// <summary>Finds sagas that nobody runs, each of the grains for its share of the ids; the keys are 0 to <see
/// cref="SagaRecovery.Shards"/> - 1.</summary>
[Alias("sagas.recovery")]
internal interface ISagaRecoveryGrain : IGrainWithIntegerKey, IRemindable
{
    /// <summary>Wakes every saga of this share that is not over, and from now on looks again each minute.</summary>
    [Alias("Recover")]
    [ResponseTimeout("00:05:00")]
    Task Recover();
}
