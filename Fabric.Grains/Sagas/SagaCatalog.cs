using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Sagas;

/// <summary>The sagas this program knows, by the name that stands in their logs.</summary>
internal sealed class SagaCatalog(IEnumerable<SagaDefinition> definitions)
{
    private readonly Dictionary<string, SagaDefinition> byName =
        definitions.ToDictionary(static definition => definition.Name, StringComparer.Ordinal);

    /// <summary>The saga of that name.</summary>
    public SagaDefinition this[string name] => byName.TryGetValue(name, out var definition)
        ? definition
        : throw new InvalidOperationException($"There is no saga {name}: register it with AddSaga.");
}

/// <summary>One saga's class, and how to run it.</summary>
internal abstract class SagaDefinition(string name)
{
    public string Name => name;

    /// <summary>A runner with the saga's own dependencies.</summary>
    public abstract ISagaRunner Runner(IServiceProvider services);
}

/// <inheritdoc/>
internal sealed class SagaDefinition<TSaga, T>() : SagaDefinition(typeof(TSaga).Name)
    where TSaga : Saga<T>
    where T : class
{
    /// <inheritdoc/>
    public override ISagaRunner Runner(IServiceProvider services) => new SagaRunner<T>(
        services.GetRequiredService<TSaga>(),
        services.GetRequiredService<SagaStepHook>(),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<TSaga>>());
}
