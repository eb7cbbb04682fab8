using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Fabric.Engine.CodeGeneration;
using Orleans.Serialization;

namespace Fabric.Engine.Serialization;

/// <summary>
/// The level of every exception that is <see cref="Exception"/>'s: message, stack and inner exception. An exception is made without its
/// constructor, because constructors compose messages; what it is made of is set here and by its own codec.
/// </summary>
internal sealed class ExceptionCodec : ClassCodec<Exception>
{
    private Codec<Exception?> _inner = null!;

    public override void Bind(CodecProvider codecs) => _inner = codecs.Get<Exception?>();

    public override void WriteFields(ref MessageWriter writer, Exception value)
    {
        writer.Write(0, Message(value));
        writer.Write(1, value.StackTrace);
        _inner.Write(ref writer, 1, value.InnerException);
        writer.Write(1, value.HResult);
    }

    public override bool ReadFields(ref MessageReader reader, Exception value)
    {
        uint id = 0;
        WireKind kind;
        while (reader.NextField(ref id, out kind))
        {
            switch (id)
            {
                case 0:
                    Message(value) = reader.ReadString(kind);
                    break;
                case 1:
                    if (reader.ReadString(kind) is { Length: > 0 } stack)
                        ExceptionDispatchInfo.SetRemoteStackTrace(value, stack);
                    break;
                case 2:
                    Inner(value) = _inner.Read(ref reader, kind);
                    break;
                case 3:
                    value.HResult = reader.ReadInt32(kind);
                    break;
                default:
                    reader.Skip(kind);
                    break;
            }
        }

        return kind == WireKind.EndBase;
    }

    /// <summary>Reads an exception of a type that is not known here: its name, and what every exception has.</summary>
    internal UnavailableExceptionFallbackException ReadUnknown(ref MessageReader reader, string name)
    {
        var kind = reader.NextElement();
        var position = reader.HeaderPosition;
        if (kind == WireKind.Reference)
            return reader.ReadReference(this) as UnavailableExceptionFallbackException ?? throw reader.Malformed("reference");
        if (kind != WireKind.Object)
            throw reader.Unexpected(kind);
        reader.Enter();
        var value = new UnavailableExceptionFallbackException { ExceptionType = name };
        reader.Session.Add(position, value);
        if (ReadFields(ref reader, value))
            reader.SkipFields();
        reader.Leave();
        return value;
    }

    protected override Exception Create() => new();

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? Message(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? Inner(Exception exception);
}

/// <summary>An exception of the framework; at most one text of its own travels with it.</summary>
internal sealed class KnownExceptionCodec<T>(Func<T, string?>? get = null, Action<T, string?>? set = null) : ClassCodec<T>
    where T : Exception
{
    private ClassCodec<Exception> _base = null!;

    public override void Bind(CodecProvider codecs) => _base = (ClassCodec<Exception>)codecs.Get<Exception>();

    public override void WriteFields(ref MessageWriter writer, T value)
    {
        _base.WriteFields(ref writer, value);
        if (get is null)
            return;
        writer.EndBase();
        writer.Write(0, get(value));
    }

    public override bool ReadFields(ref MessageReader reader, T value)
    {
        if (!_base.ReadFields(ref reader, value))
            return false;
        uint id = 0;
        WireKind kind;
        while (reader.NextField(ref id, out kind))
        {
            if (id == 0 && set is not null)
                set(value, reader.ReadString(kind));
            else
                reader.Skip(kind);
        }

        return kind == WireKind.EndBase;
    }

    protected override T Create() => (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
}

internal sealed class AggregateExceptionCodec : ClassCodec<AggregateException>
{
    private ClassCodec<Exception> _base = null!;
    private Codec<Exception[]> _all = null!;

    public override void Bind(CodecProvider codecs)
    {
        _base = (ClassCodec<Exception>)codecs.Get<Exception>();
        _all = codecs.Get<Exception[]>();
    }

    public override void WriteFields(ref MessageWriter writer, AggregateException value)
    {
        _base.WriteFields(ref writer, value);
        writer.EndBase();
        _all.Write(ref writer, 0, [.. value.InnerExceptions]);
    }

    public override bool ReadFields(ref MessageReader reader, AggregateException value)
    {
        All(value) = [];
        if (!_base.ReadFields(ref reader, value))
            return false;
        uint id = 0;
        WireKind kind;
        while (reader.NextField(ref id, out kind))
        {
            if (id == 0)
                All(value) = _all.Read(ref reader, kind) ?? [];
            else
                reader.Skip(kind);
        }

        return kind == WireKind.EndBase;
    }

    protected override AggregateException Create() =>
        (AggregateException)RuntimeHelpers.GetUninitializedObject(typeof(AggregateException));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerExceptions")]
    private static extern ref Exception[] All(AggregateException exception);
}

/// <summary>The exceptions of the framework that come back as what they are.</summary>
internal static class KnownExceptions
{
    internal static IEnumerable<(Type Type, Func<Codec> Make)> All =>
    [
        (typeof(Exception), static () => new ExceptionCodec()),
        (typeof(AggregateException), static () => new AggregateExceptionCodec()),
        (typeof(ArgumentException), Argument<ArgumentException>),
        (typeof(ArgumentNullException), Argument<ArgumentNullException>),
        (typeof(ArgumentOutOfRangeException), Argument<ArgumentOutOfRangeException>),
        (typeof(ObjectDisposedException), static () => new KnownExceptionCodec<ObjectDisposedException>(
            static value => ObjectName(value), static (value, name) => ObjectName(value) = name)),
        Plain<SystemException>(),
        Plain<ApplicationException>(),
        Plain<InvalidOperationException>(),
        Plain<NotSupportedException>(),
        Plain<NotImplementedException>(),
        Plain<TimeoutException>(),
        Plain<OperationCanceledException>(),
        Plain<TaskCanceledException>(),
        Plain<UnauthorizedAccessException>(),
        Plain<KeyNotFoundException>(),
        Plain<FormatException>(),
        Plain<InvalidCastException>(),
        Plain<NullReferenceException>(),
        Plain<IndexOutOfRangeException>(),
        Plain<ArithmeticException>(),
        Plain<OverflowException>(),
        Plain<DivideByZeroException>(),
        Plain<OutOfMemoryException>(),
        Plain<RankException>(),
        Plain<ArrayTypeMismatchException>(),
        Plain<PlatformNotSupportedException>(),
        Plain<UriFormatException>(),
        Plain<IOException>(),
        Plain<EndOfStreamException>(),
        Plain<InvalidDataException>(),
        Plain<System.Security.SecurityException>(),
        Plain<System.Diagnostics.UnreachableException>(),
    ];

    private static (Type Type, Func<Codec> Make) Plain<T>() where T : Exception =>
        (typeof(T), static () => new KnownExceptionCodec<T>());

    private static KnownExceptionCodec<T> Argument<T>() where T : ArgumentException =>
        new(static value => Parameter(value), static (value, name) => Parameter(value) = name);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_paramName")]
    private static extern ref string? Parameter(ArgumentException exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_objectName")]
    private static extern ref string? ObjectName(ObjectDisposedException exception);
}
