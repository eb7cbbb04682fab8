namespace Fabric.Grains.Storage;

/// <summary>Takes the events out of a record of a type that is known to be an <see cref="IEventSource{TSelf}"/> only at run time. Built
/// once per type.</summary>
internal abstract class RecordEvents<T>
{
    /// <summary>Null when records of this type have no events.</summary>
    public static RecordEvents<T>? Instance { get; } = Make();

    public abstract IReadOnlyList<ResourceEvent> Of(T record);

    public abstract T Without(T record);

    private static RecordEvents<T>? Make()
    {
        var isSource = typeof(T).GetInterfaces().Any(i =>
            i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEventSource<>) && i.GenericTypeArguments[0] == typeof(T));
        return isSource ? (RecordEvents<T>?)Activator.CreateInstance(typeof(EventSourceRecords<>).MakeGenericType(typeof(T))) : null;
    }
}

/// <inheritdoc/>
internal sealed class EventSourceRecords<TRecord> : RecordEvents<TRecord>
    where TRecord : IEventSource<TRecord>
{
    public override IReadOnlyList<ResourceEvent> Of(TRecord record) => record.Events;

    public override TRecord Without(TRecord record) => record.WithoutEvents();
}
