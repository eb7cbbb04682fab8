using System.Collections.Concurrent;
using System.Reflection;
using Fabric.Engine.CodeGeneration;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Fabric.Engine;

/// <summary>A call under filters: each filter calls Invoke to go on, the last Invoke runs the method.</summary>
internal abstract class FilteredCall(GrainRequest request)
{
    private Response? _response;
    private object? _result;

    public IInvokable Request => request;

    public GrainId? SourceId => request.SourceId;

    public GrainId TargetId => request.TargetId;

    public GrainInterfaceType InterfaceType => request.Target.InterfaceType;

    public string InterfaceName => request.Method.InterfaceName;

    public string MethodName => request.Method.Name;

    public MethodInfo InterfaceMethod => request.Method.Reflected;

    public object? Result
    {
        get => _result;
        set
        {
            _result = value;
            _response = null;
        }
    }

    public Response? Response
    {
        get => _response ??= Response.FromResult(_result);
        set
        {
            _response = value;
            _result = value?.Exception is null ? value?.Result : null;
        }
    }

    protected GrainRequest Call => request;

    /// <summary>The exception that a filter put in place of the result.</summary>
    protected Exception? Replaced => _response?.Exception;
}

/// <summary>
/// An arriving call under filters: the silo's in order of registration, then the grain's own. All of it runs inside the turn.
/// </summary>
internal sealed class IncomingCall : FilteredCall, IIncomingGrainCallContext
{
    private static readonly ConcurrentDictionary<(Type, MethodInfo), MethodInfo> Implementations = [];

    private readonly Activation _activation;
    private int _stage;

    private IncomingCall(Activation activation, GrainRequest request) : base(request) => _activation = activation;

    public IGrainContext TargetContext => _activation;

    public object Grain => _activation.GrainInstance!;

    public MethodInfo ImplementationMethod => Implementations.GetOrAdd((Grain.GetType(), InterfaceMethod), static key =>
    {
        var interfaceMethod = key.Item2.IsGenericMethod ? key.Item2.GetGenericMethodDefinition() : key.Item2;
        var map = key.Item1.GetInterfaceMap(interfaceMethod.DeclaringType!);
        return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, interfaceMethod)];
    });

    internal static void Start(Activation activation, GrainRequest request) => _ = new IncomingCall(activation, request).Run();

    public async Task Invoke()
    {
        var filters = _activation.Silo.IncomingFilters;
        var stage = _stage++;
        if (stage < filters.Length)
            await filters[stage].Invoke(this);
        else if (stage == filters.Length && Grain is IIncomingGrainCallFilter own)
            await own.Invoke(this);
        else
            Result = await Call.InvokeBoxed(Grain);
    }

    private async Task Run()
    {
        Exception? failure = null;
        try
        {
            await Invoke();
            failure = Replaced;
            if (failure is null)
                Call.AnswerBoxed(Result);
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }

        ((ICallSink)_activation).Finished(Call, failure);
        if (failure is not null)
            Call.Fail(failure);
    }
}

/// <summary>
/// A leaving call under filters. The filters run in the caller's context; the last Invoke sends the call and waits for its answer.
/// </summary>
internal sealed class OutgoingCall : FilteredCall, IOutgoingGrainCallContext
{
    private readonly SiloRuntime _silo;
    private readonly GrainRequest _sent;
    private int _stage;

    private OutgoingCall(SiloRuntime silo, GrainRequest promise, GrainRequest sent) : base(promise)
    {
        _silo = silo;
        _sent = sent;
    }

    public IGrainContext? SourceContext => Call.Source;

    public object Grain => Call.Target;

    /// <summary>The caller awaits <paramref name="promise"/>; what is sent is a copy, so that filters may replace its answer.</summary>
    internal static void Start(SiloRuntime silo, GrainRequest promise) => _ = new OutgoingCall(silo, promise, promise.CopyForSending())
        .Run();

    public async Task Invoke()
    {
        var stage = _stage++;
        if (stage < _silo.OutgoingFilters.Length)
        {
            await _silo.OutgoingFilters[stage].Invoke(this);
            return;
        }

        // Filters may have set request context values or changed arguments: they count from here on.
        for (var index = 0; index < _sent.GetArgumentCount(); index++)
            _sent.SetArgument(index, Call.GetArgument(index)!);
        _silo.SendUnfiltered(_sent);
        await _sent.Completion;
        Result = _sent.BoxedAnswer;
    }

    private async Task Run()
    {
        try
        {
            await Invoke();
            if (Replaced is { } failure)
                Call.Fail(failure);
            else
                Call.AnswerBoxed(Result);
        }
        catch (Exception thrown)
        {
            Call.Fail(thrown);
        }
    }
}
