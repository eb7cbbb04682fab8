using Fabric.Grains.Kernel;
using Orleans.Serialization;
using Orleans.Storage;

namespace Fabric.Tests.Engine.Serialization;

/// <summary>An exception that crosses processes says what it said where it was thrown.</summary>
public sealed class ExceptionCodecTests
{
    private readonly CodecWorld _world = new();

    public static TheoryData<Exception> Known =>
    [
        Fault.NotFound("VolumeNotFound", "No such volume."),
        new OrleansException("plain"),
        new SiloUnavailableException("gone"),
        new LimitExceededException("mailbox", 3, 2, "grain"),
        new ClientNotAvailableException(GrainId.Create("sys.client", "x")),
        new EnumerationAbortedException("over"),
        new InconsistentStateException("changed", "1", "2"),
        new ReminderException("late"),
        new TimeoutException("too long"),
        new InvalidOperationException("no", new IOException("because")),
        new ArgumentNullException("name", "is missing"),
        new ArgumentOutOfRangeException("count"),
        new ObjectDisposedException("stream"),
        new KeyNotFoundException(),
        new TaskCanceledException("stopped"),
        new AggregateException("both", new IOException("one"), new FormatException("two")),
        new CodecFailure("deep", 7),
    ];

    [Theory]
    [MemberData(nameof(Known))]
    public void A_known_exception_comes_back_as_itself(Exception exception)
    {
        var back = _world.RoundTrip(exception);

        Assert.IsType(exception.GetType(), back);
        Assert.Equal(exception.Message, back.Message);
        Assert.Equal(exception.HResult, back.HResult);
        Assert.Equal(exception.InnerException?.ToString(), back.InnerException?.ToString());
    }

    [Fact]
    public void What_an_exception_carries_comes_too()
    {
        Assert.Equal("name", _world.RoundTrip(new ArgumentNullException("name", "is missing")).ParamName);
        Assert.Equal(("1", "2"), (_world.RoundTrip(new InconsistentStateException("x", "1", "2")).StoredEtag,
            _world.RoundTrip(new InconsistentStateException("x", "1", "2")).CurrentEtag));
        Assert.Equal(7, _world.RoundTrip(new CodecFailure("deep", 7)).Code);
        Assert.Equal(2, _world.RoundTrip(new AggregateException(new IOException(), new FormatException())).InnerExceptions.Count);
    }

    [Fact]
    public void The_stack_of_where_it_was_thrown_is_kept()
    {
        var back = _world.RoundTrip(Thrown());

        Assert.Contains(nameof(Thrown), back.StackTrace, StringComparison.Ordinal);
        Assert.Contains(nameof(Thrown), _world.RoundTrip(back).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_of_a_type_without_a_codec_arrives_as_the_stand_in()
    {
        var back = _world.RoundTrip<Exception>(new Unmarked("secret handshake failed", new Unmarked("inner", null)));

        var standIn = Assert.IsType<UnavailableExceptionFallbackException>(back);
        Assert.Equal(("secret handshake failed", typeof(Unmarked).ToString()), (standIn.Message, standIn.ExceptionType));
        Assert.IsType<UnavailableExceptionFallbackException>(standIn.InnerException);
    }

    private static Exception Thrown()
    {
        try
        {
            throw Fault.Conflict("It is so.");
        }
        catch (Fault fault)
        {
            return fault;
        }
    }

    private sealed class Unmarked(string message, Exception? inner) : Exception(message, inner);
}

[GenerateSerializer]
public sealed class CodecFailure(string message, int code) : InvalidOperationException(message)
{
    [Id(0)] public int Code { get; } = code;
}
