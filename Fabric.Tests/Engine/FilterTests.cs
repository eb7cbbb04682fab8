using System.Diagnostics;
using Orleans.Diagnostics;

namespace Fabric.Tests.Engine;

public interface IContextGrain : IGrainWithStringKey
{
    Task<string?> Read(string key);

    /// <summary>Sets a value, calls itself under another key, and tells what that one saw.</summary>
    Task<string?> SetAndPassOn(string key, string value);

    Task<int> Double(int number);

    Task<string?> Trace();
}

public sealed class ContextGrain(Probe probe) : Grain, IContextGrain, IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context)
    {
        probe.Note($"own {context.MethodName}");
        return context.Invoke();
    }

    public Task<string?> Read(string key) => Task.FromResult(RequestContext.Get(key) as string);

    public async Task<string?> SetAndPassOn(string key, string value)
    {
        RequestContext.Set(key, value);
        return await GrainFactory.GetGrain<IContextGrain>("other").Read(key);
    }

    public Task<int> Double(int number)
    {
        probe.Note("method");
        return Task.FromResult(number * 2);
    }

    public Task<string?> Trace() => Task.FromResult(Activity.Current?.TraceId.ToString());
}

public sealed class FilterTests
{
    private sealed class First(Probe probe) : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            probe.Note($"first {context.InterfaceName}.{context.MethodName} by {context.ImplementationMethod.DeclaringType!.Name}");
            await context.Invoke();
            probe.Note($"first saw {context.Result}");
        }
    }

    [Fact]
    public async Task The_request_context_flows_to_the_callee_and_never_back()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<IContextGrain>("a");
        RequestContext.Set("user", "alice");
        Assert.Equal("alice", await grain.Read("user"));
        Assert.Equal("bob", await grain.SetAndPassOn("user", "bob"));
        Assert.Equal("alice", RequestContext.Get("user"));
        RequestContext.Clear();
        Assert.Null(await grain.Read("user"));
    }

    [Fact]
    public async Task Filters_run_in_order_of_registration_the_grains_own_last_and_may_change_the_result()
    {
        await using var silo = await TestSilo.Start(builder => builder
            .AddIncomingGrainCallFilter<First>()
            .AddIncomingGrainCallFilter(async context =>
            {
                await context.Invoke();
                if (context.Result is int number)
                    context.Result = number + 1;
            }));
        Assert.Equal(21, await silo.Grains.GetGrain<IContextGrain>("a").Double(10));
        Assert.Equal(["first IContextGrain.Double by ContextGrain", "own Double", "method", "first saw 21"], silo.Probe.Log);
    }

    [Fact]
    public async Task A_filter_may_change_arguments_and_refuse_calls()
    {
        await using var silo = await TestSilo.Start(builder => builder.AddIncomingGrainCallFilter(context =>
        {
            if (context.Request.GetArgumentCount() == 1 && context.Request.GetArgument(0) is int number)
            {
                if (number < 0)
                    throw new UnauthorizedAccessException("no");
                context.Request.SetArgument(0, number + 100);
            }

            return context.Invoke();
        }));
        var grain = silo.Grains.GetGrain<IContextGrain>("a");
        Assert.Equal(202, await grain.Double(1));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => grain.Double(-1));
        Assert.Equal(202, await grain.Double(1));
    }

    [Fact]
    public async Task An_outgoing_filter_sees_calls_leave_and_may_add_context()
    {
        Probe? probe = null;
        await using var silo = await TestSilo.Start(builder => builder.AddOutgoingGrainCallFilter(async context =>
        {
            RequestContext.Set("user", "filter");
            await context.Invoke();
            probe!.Note($"{context.MethodName} gave {context.Result}");
        }));
        probe = silo.Probe;
        Assert.Equal("filter", await silo.Grains.GetGrain<IContextGrain>("a").Read("user"));
        Assert.Contains("Read gave filter", probe.Log);
        Assert.Null(RequestContext.Get("user"));
    }

    [Fact]
    public async Task The_span_of_a_call_is_a_child_of_its_callers_span()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ActivitySources.ApplicationGrainActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (spans)
                    spans.Add(span);
            },
        };
        await using var silo = await TestSilo.Start();
        using var mine = new Activity("test").Start();
        Assert.Equal(mine.TraceId.ToString(), await silo.Grains.GetGrain<IContextGrain>("a").Trace());
        Assert.Empty(spans);
        ActivitySource.AddActivityListener(listener);
        Assert.Equal(mine.TraceId.ToString(), await silo.Grains.GetGrain<IContextGrain>("a").Trace());
        await silo.Quiet();
        lock (spans)
            Assert.Contains(spans, span => span.ParentSpanId == mine.SpanId && span.OperationName == "IContextGrain/Trace");
    }
}
