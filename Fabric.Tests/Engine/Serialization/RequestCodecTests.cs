using Fabric.Engine.CodeGeneration;
using Fabric.Engine.Serialization;
using Fabric.Grains.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Fabric.Tests.Engine.Serialization;

public interface IWiredGrain : IGrainWithStringKey
{
    Task<string> Join(string left, int right, CancellationToken cancellation);

    Task<string> Join(string left, string right);

    [Alias("plain")]
    Task Renamed();

    ValueTask<T> Echo<T>(T value);

    IAsyncEnumerable<int> Count(int to);

    Task<object?> Any(object? value);

    Task<IWiredGrain> Watch(IWiredObserver observer, IWiredGrain self);

    [OneWay]
    void Tell(IReadOnlyList<int?> news);
}

public interface IWiredObserver : IGrainObserver
{
    void Heard(string what);
}

public interface IGenericWiredGrain<T> : IGrainWithStringKey
{
    Task<Dictionary<string, T>> Put(T value);
}

/// <summary>Calls and answers as bytes.</summary>
public sealed class RequestCodecTests
{
    private readonly CodecWorld _world = new();

    private IWiredGrain Grain => _world.Reference<IWiredGrain>("wired", "w");

    [Fact]
    public void A_request_comes_back_as_the_same_call()
    {
        _ = Grain.Join("left", -3, new CancellationToken(canceled: false));

        var back = _world.Resend(_world.Sent);

        Assert.Same(_world.Sent.GetType(), back.GetType());
        Assert.NotSame(_world.Sent, back);
        Assert.Equal(("left", -3), (back.GetArgument(0), back.GetArgument(1)));
        Assert.Equal(default(CancellationToken), back.GetArgument(2));
        Assert.False(back.IsAnswered);
    }

    [Fact]
    public void Overloads_aliases_and_generic_methods_are_told_apart()
    {
        _ = Grain.Join("left", "right");
        Assert.Equal("right", _world.Resend(_world.Sent).GetArgument(1));
        _ = Grain.Renamed();
        Assert.Equal("plain", _world.Resend(_world.Sent).Method.Id);
        _ = Grain.Echo<IReadOnlyList<DateTimeOffset?>>([null, DateTimeOffset.UnixEpoch]);
        Assert.Equal([null, DateTimeOffset.UnixEpoch],
            Assert.IsAssignableFrom<IReadOnlyList<DateTimeOffset?>>(_world.Resend(_world.Sent).GetArgument(0)));
        _ = _world.Reference<IGenericWiredGrain<InstanceId>>("generic", "g").Put(InstanceId.New());
        Assert.Equal(_world.Sent.GetArgument(0), _world.Resend(_world.Sent).GetArgument(0));
    }

    [Fact]
    public void A_one_way_call_of_a_grain_and_of_an_observer_travel()
    {
        Grain.Tell([1, null, 3]);
        Assert.Equal([1, null, 3], Assert.IsAssignableFrom<IReadOnlyList<int?>>(_world.Resend(_world.Sent).GetArgument(0)));
        _world.Reference<IWiredObserver>("sys.client", "o").Heard("news");
        Assert.Equal("news", _world.Resend(_world.Sent).GetArgument(0));
    }

    [Fact]
    public void References_arrive_as_references_of_the_declared_interface()
    {
        var observer = _world.Reference<IWiredObserver>("sys.client", "here+1");

        _ = Grain.Watch(observer, Grain);

        var back = _world.Resend(_world.Sent);
        Assert.Equal(observer, back.GetArgument(0));
        Assert.IsAssignableFrom<IWiredGrain>(back.GetArgument(1));
        Assert.Equal(GrainId.Create("wired", "w"), ((GrainReference)back.GetArgument(1)!).GrainId);
    }

    [Fact]
    public void What_is_no_reference_cannot_be_sent_as_one()
    {
        _ = Grain.Watch(new Deaf(), Grain);

        Assert.Throws<CodecException>(() => _world.Resend(_world.Sent));
    }

    [Fact]
    public async Task A_result_reaches_the_caller_that_waits()
    {
        var answer = Grain.Join("left", "right");
        var waiting = _world.Sent;
        var ran = (GrainRequest<string>)_world.Resend(waiting);
        ran.AnswerWith("leftright");

        _world.PassAnswer(ran, waiting);

        Assert.Equal("leftright", await answer);
    }

    [Fact]
    public async Task A_method_without_a_result_is_answered_too()
    {
        var answer = Grain.Renamed();
        var waiting = _world.Sent;
        var ran = _world.Resend(waiting);
        ran.AnswerBoxed(null);

        _world.PassAnswer(ran, waiting);

        await answer;
    }

    [Fact]
    public async Task An_exception_reaches_the_caller_as_what_it_was()
    {
        var answer = Grain.Renamed();
        var waiting = _world.Sent;
        var ran = _world.Resend(waiting);
        ran.Fail(Fault.Conflict("InstanceInvalidState", "It is not so."));

        _world.PassAnswer(ran, waiting);

        var fault = await Assert.ThrowsAsync<Fault>(() => answer);
        Assert.Equal((FaultKind.Conflict, "InstanceInvalidState", "It is not so."), (fault.Kind, fault.Type, fault.Message));
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_for_its_caller()
    {
        var answer = Grain.Renamed();
        var waiting = _world.Sent;
        var ran = _world.Resend(waiting);
        ran.Fail(new OperationCanceledException(new CancellationToken(canceled: true)));

        _world.PassAnswer(ran, waiting);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_fails_the_call_and_not_the_connection()
    {
        var answer = Grain.Any(1);
        var waiting = _world.Sent;
        var ran = (GrainRequest<object?>)_world.Resend(waiting);
        ran.AnswerWith(new Deaf());

        _world.PassAnswer(ran, waiting);

        Assert.Contains(nameof(Deaf), (await Assert.ThrowsAnyAsync<SerializerException>(() => answer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_enumeration_travels_with_its_id_and_pages()
    {
        var enumerator = Grain.Count(7).WithBatchSize(3).GetAsyncEnumerator();
        _ = enumerator.MoveNextAsync();
        var start = (EnumerationRequest<int>)_world.Sent;

        var ran = (EnumerationRequest<int>)_world.Resend<GrainRequest>(start);

        Assert.Equal((start.EnumerationId, 3, 7), (ran.EnumerationId, ran.BatchSize, ran.GetArgument(0)));
        ran.AnswerWith(new EnumerationPage<int>([4, 5, 6], isLast: true));
        _world.PassAnswer(ran, start);
        var page = await start.Answer;
        Assert.Equal([4, 5, 6], page.Items);
        Assert.True(page.IsLast);
    }

    [Fact]
    public void The_engines_own_requests_of_an_enumeration_travel()
    {
        var id = Guid.NewGuid();

        var next = _world.Resend(new NextPage<IReadOnlyList<string>> { EnumerationId = id, BatchSize = 5 });
        var stop = _world.Resend(new StopEnumeration { EnumerationId = id });

        Assert.Equal((id, 5, id), (next.EnumerationId, next.BatchSize, stop.EnumerationId));
    }

    [Fact]
    public void An_unknown_method_and_unknown_type_arguments_are_refused()
    {
        _ = Grain.Echo(InstanceId.New());
        var bytes = _world.Bytes(output => _world.Messages.WriteRequest(_world.Sent, output));
        var without = new CodecWorld(static entry => entry.Type != typeof(InstanceId));

        Assert.Throws<CodecException>(() => without.Messages.ReadRequest(new(bytes)));
        bytes[1] ^= 1;
        Assert.Throws<CodecException>(() => _world.Messages.ReadRequest(new(bytes)));
    }

    [Fact]
    public async Task A_call_that_came_as_bytes_runs_like_any_other()
    {
        await using var silo = await TestSilo.Start();
        var codec = silo.Services.GetRequiredService<IMessageCodec>();
        var enumerator = _world.Reference<ICountingGrain>("counting", "c").Count(5, 8).GetAsyncEnumerator();
        var moving = enumerator.MoveNextAsync();
        var waiting = _world.Sent;

        var request = codec.ReadRequest(new(_world.Bytes(output => _world.Messages.WriteRequest(waiting, output))));
        silo.Runtime.Send((GrainReference)silo.Grains.GetGrain<ICountingGrain>("c"), request);
        await request.Completion;
        _world.Messages.ReadAnswer(waiting, new(_world.Bytes(output => codec.WriteAnswer(request, output))));

        Assert.True(await moving);
        Assert.Equal(5, enumerator.Current);
        Assert.True(await enumerator.MoveNextAsync());
        Assert.Equal(6, enumerator.Current);
    }

    private sealed class Deaf : IWiredObserver
    {
        public void Heard(string what)
        {
        }
    }
}
