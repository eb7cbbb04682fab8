using System.Diagnostics;
using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine;

/// <summary>
/// Trace context: the callee's span is a child of the span in which the call was made. Without a listener it costs two null checks.
/// </summary>
internal static class EngineActivities
{
    private static readonly ActivitySource Source = new(Orleans.Diagnostics.ActivitySources.ApplicationGrainActivitySourceName);

    internal static void Enter(GrainRequest request)
    {
        var parent = request.ParentActivity;
        if (Source.HasListeners())
            request.Activity = Source.StartActivity(request.Method.ActivityName, ActivityKind.Server,
                    parent?.Context ?? (request.Remote as ReceivedCall)?.Trace ?? default)
                ?.SetTag("rpc.system", "orleans").SetTag("rpc.orleans.target_id", request.TargetId.ToString());
        if (request.Activity is not null)
            return;
        if (parent is not null)
            Activity.Current = parent;
        else if (request.Remote is ReceivedCall { Trace: var trace } && trace != default)
            request.Activity = Stranger(request.Method.ActivityName, trace);
    }

    /// <summary>A span of another process as the current one here, so that calls from here belong to its trace.</summary>
    private static Activity Stranger(string name, ActivityContext trace)
    {
        var activity = new Activity(name).SetParentId(trace.TraceId, trace.SpanId, trace.TraceFlags);
        activity.TraceStateString = trace.TraceState;
        return activity.Start();
    }

    internal static void Failed(GrainRequest request, Exception failure) =>
        request.Activity?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
}
