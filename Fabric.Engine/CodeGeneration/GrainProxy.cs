using Orleans.Runtime;

namespace Fabric.Engine.CodeGeneration;

/// <summary>What a proxy is made of; opaque to generated code.</summary>
public readonly struct ProxyBinding
{
    internal ProxyBinding(IGrainReferenceHost host, GrainId grainId, GrainInterfaceType interfaceType)
    {
        Host = host;
        GrainId = grainId;
        InterfaceType = interfaceType;
    }

    internal IGrainReferenceHost Host { get; }

    internal GrainId GrainId { get; }

    internal GrainInterfaceType InterfaceType { get; }
}

/// <summary>The base of generated proxies: turns method calls into messages.</summary>
public abstract class GrainProxy : GrainReference
{
    protected GrainProxy(ProxyBinding binding) : base(binding.Host, binding.GrainId, binding.InterfaceType)
    {
    }

    protected Task Send(GrainRequest<Nothing> request)
    {
        Host.Send(this, request);
        return request.Answer;
    }

    protected Task<TResult> Send<TResult>(GrainRequest<TResult> request)
    {
        Host.Send(this, request);
        return request.Answer;
    }

    protected ValueTask SendValue(GrainRequest<Nothing> request)
    {
        Host.Send(this, request);
        return new ValueTask(request.Answer);
    }

    protected ValueTask<TResult> SendValue<TResult>(GrainRequest<TResult> request)
    {
        Host.Send(this, request);
        return new ValueTask<TResult>(request.Answer);
    }

    /// <summary>Sends nothing yet: each enumeration of the result does.</summary>
    protected IAsyncEnumerable<T> SendEnumeration<T>(EnumerationRequest<T> request)
    {
        request.Target = this;
        return request;
    }

    protected void SendVoid(GrainRequest<Nothing> request) => Host.Send(this, request);
}
