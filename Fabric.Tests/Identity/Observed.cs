using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Fabric.Tests.Identity;

/// <summary>All that a process lets be seen of itself: every line of every log at its most talkative, with scopes, values and exceptions,
/// and every span with its tags and events.</summary>
internal sealed class Observed : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> logs = new();
    private readonly ConcurrentQueue<string> spans = new();
    private readonly ActivityListener listener;
    private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

    internal Observed()
    {
        listener = new()
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => spans.Enqueue(Describe(span)),
        };
        ActivitySource.AddActivityListener(listener);
    }

    internal string Logs => string.Join('\n', logs);

    internal string Spans => string.Join('\n', spans);

    public ILogger CreateLogger(string categoryName) => new Everything(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose() => listener.Dispose();

    /// <summary>Logs everything to it, whatever else is set.</summary>
    internal void Listen(ILoggingBuilder logging) => logging.AddProvider(this).AddFilter<Observed>(null, LogLevel.Trace);

    private static string Describe(Activity span)
    {
        var text = new StringBuilder($"{span.Source.Name} {span.OperationName} {span.DisplayName} {span.StatusDescription}");
        foreach (var (name, value) in span.TagObjects.Concat(span.Events.SelectMany(static one => one.Tags)))
            text.Append($" {name}={value}");
        foreach (var (name, value) in span.Baggage)
            text.Append($" {name}={value}");
        return text.ToString();
    }

    private sealed class Everything(Observed all, string category) : ILogger
    {
        public IDisposable BeginScope<TState>(TState state)
            where TState : notnull => all.scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = new StringBuilder($"{category} {formatter(state, exception)} {exception}");
            all.scopes.ForEachScope(static (scope, into) => Add(into, scope), text);
            Add(text, state);
            all.logs.Enqueue(text.ToString());
        }

        private static void Add(StringBuilder text, object? value)
        {
            text.Append(' ').Append(value);
            if (value is not IEnumerable<KeyValuePair<string, object?>> pairs)
                return;
            foreach (var (name, one) in pairs)
                text.Append($" {name}={one}");
        }
    }
}
