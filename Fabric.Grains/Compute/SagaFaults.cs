using Fabric.Grains.Sagas;

namespace Fabric.Grains.Compute;

/// <summary>What the user reads of work that failed.</summary>
internal static class SagaFaults
{
    /// <summary>Nova's code for whatever went wrong in the background.</summary>
    private const int Code = 500;

    internal static InstanceFault Of(SagaFailure failure, TimeProvider clock) => new(
        Code, failure.Message.Length > 0 ? failure.Message : failure.Type, clock.GetUtcNow(), $"{failure.Type} in the step {failure.Step}");
}
