using Fabric.Grains.Kernel;

namespace Fabric.NodeAgent.Agent;

internal sealed partial class NodeAgent
{
    [LoggerMessage(
        1, LogLevel.Information, "Node {NodeName}: generation {Generation} of instance {InstanceId} is dropped, {Applied} was applied")]
    private partial void LogOutdated(string nodeName, InstanceId instanceId, long generation, long applied);

    [LoggerMessage(2, LogLevel.Warning, "Node {NodeName}: nobody wants instance {InstanceId}, made at {DefinedAt}; it {Fate}")]
    private partial void LogOrphan(string nodeName, InstanceId instanceId, DateTimeOffset definedAt, string fate);

    [LoggerMessage(3, LogLevel.Error, "Node {NodeName}: {Verb} of instance {InstanceId} failed; it is tried again later")]
    private partial void LogConvergeFailed(Exception failure, string nodeName, string verb, InstanceId instanceId);
}
