using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Sagas;

internal sealed partial class SagaRunner<T>
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Saga} {SagaId}: the step {Step} failed and is tried again in {Delay}")]
    private partial void LogRetry(Exception failure, string saga, string sagaId, string step, TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Saga} {SagaId}: the step {Step} failed; unwinding")]
    private partial void LogStepFailed(Exception failure, string saga, string sagaId, string step);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Saga} {SagaId}: {Step} could not be undone; the saga is stuck")]
    private partial void LogStuck(Exception failure, string saga, string sagaId, string step);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Saga} {SagaId}: {Status}")]
    private partial void LogEnded(string saga, string sagaId, SagaStatus status);
}
