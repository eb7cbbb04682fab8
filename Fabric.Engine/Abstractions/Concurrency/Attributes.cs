namespace Orleans.Concurrency;

/// <summary>Requests to this grain may interleave at every await.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;

/// <summary>This method changes nothing, so calls of such methods interleave with each other.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>Calls of this method interleave with everything.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>Calls of this method need no order among each other.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnorderedAttribute : Attribute;

/// <summary>The caller waits for nothing: no result, no exception, no proof of delivery.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;

/// <summary>Names a static method <c>bool F(IInvokable)</c> that says which requests interleave.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MayInterleaveAttribute : Attribute
{
    public MayInterleaveAttribute(string callbackMethodName) => CallbackMethodName = callbackMethodName;

    internal string CallbackMethodName { get; }
}

/// <summary>A value that its holder promises never to change.</summary>
public readonly struct Immutable<T> : IEquatable<Immutable<T>>
{
    public readonly T Value;

    public Immutable(T value) => Value = value;

    public bool Equals(Immutable<T> other) => EqualityComparer<T>.Default.Equals(Value, other.Value);

    public override bool Equals(object? obj) => obj is Immutable<T> other && Equals(other);

    public override int GetHashCode() => Value is null ? 0 : EqualityComparer<T>.Default.GetHashCode(Value);

    public static bool operator ==(Immutable<T> left, Immutable<T> right) => left.Equals(right);

    public static bool operator !=(Immutable<T> left, Immutable<T> right) => !left.Equals(right);
}

/// <summary>Wraps values as immutable.</summary>
public static class ImmutableExtensions
{
    public static Immutable<T> AsImmutable<T>(this T value) => new(value);
}
