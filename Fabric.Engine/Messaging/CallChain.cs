using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine;

/// <summary>
/// The request in whose course code runs, so that what it calls gets no more time than it has itself. It flows with the execution context:
/// requests that interleave on one activation are told apart, and what a grain goes on doing after its method has ended is held to nothing.
/// The flow costs an allocation and a slower await, so a call inside the process that has the whole default time before it goes without:
/// what it calls late in a long method may outlast it, by the default time at most.
/// </summary>
internal static class CallChain
{
    private const long Slack = 1000;

    private static readonly AsyncLocal<GrainRequest?> Running = new();

    internal static void Enter(GrainRequest request, long defaultDeadline)
    {
        if (request.Deadline != long.MaxValue && (request.Remote is not null || request.Deadline < defaultDeadline - Slack))
            Running.Value = request;
    }

    /// <summary>The deadline of a call made now: its own, or the caller's if that comes first.</summary>
    internal static long Limit(long deadline) => Running.Value is { IsDone: false } caller && caller.Deadline < deadline
        ? caller.Deadline
        : deadline;
}
