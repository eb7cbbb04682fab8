using Fabric.Grains.Kernel;
using Fabric.Grains.Sagas;

namespace Fabric.Grains.Compute;

/// <summary>What the user reads of work that failed.</summary>
internal static class SagaFaults
{
    /// <summary>Nova's code for whatever went wrong in the background.</summary>
    private const int Code = 500;

    internal static InstanceFault Of(SagaFailure failure, TimeProvider clock) => new(
        Code, failure.Message.Length > 0 ? failure.Message : failure.Type, clock.GetUtcNow(), $"{failure.Type} in the step {failure.Step}");

    /// <summary>A build failed on as many nodes as are tried.</summary>
    internal static InstanceFault AttemptsExceeded(this InstanceFault last, InstanceId id, int attempts) => Retries(last,
        $"Exceeded max scheduling attempts {attempts} for instance {id}. Last exception: {last.Message}");

    /// <summary>A build failed, and there is no other node to try.</summary>
    internal static InstanceFault AllHostsTried(this InstanceFault last, InstanceId id) => Retries(last,
        $"Exhausted all hosts available for retrying build failures for instance {id}.");

    private static InstanceFault Retries(InstanceFault last, string reason) =>
        last with { Message = "Exceeded maximum number of retries. " + reason };
}
