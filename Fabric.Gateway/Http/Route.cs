using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Http;

/// <summary>Answers one request. Validation is done before it runs; it calls one grain or the index, and shapes the answer.</summary>
public delegate Task<IResult> Handler(Call call);

/// <summary>One line of a service's route table: the whole surface of the service is the list of these.</summary>
/// <param name="Method">The verb. <c>HEAD</c> is answered by the line for <c>GET</c>.</param>
/// <param name="Path">Below the service's prefix, with <c>{names}</c>.</param>
/// <param name="Handler">What answers.</param>
/// <param name="Policy">Who may; checked before the handler, which only those pass who may do it to some thing, and again by
/// <see cref="Call.Require(in PolicyTarget, Fault)"/> for the thing looked up.</param>
public sealed record Route(string Method, string Path, Handler Handler, PolicyRule Policy)
{
    /// <summary>The first microversion that has it; before it, 404.</summary>
    public Microversion? Since { get; init; }

    /// <summary>The last microversion that has it; after it, 404.</summary>
    public Microversion? Until { get; init; }

    /// <summary>For <c>POST …/action</c>: the key in the body that this line answers.</summary>
    public string? Action { get; init; }

    /// <summary>The body's form, newest last; the last one whose <c>Since</c> is reached applies. Null: no JSON body is read.</summary>
    public IReadOnlyList<BodySchema>? Body { get; init; }

    /// <summary>Looks for the thing of the path before the rule is asked and the body looked at, and refuses when it is not there; null:
    /// the handler does so, after the rule.</summary>
    public Func<Call, ValueTask>? Sought { get; init; }

    /// <summary>What the rule is asked of before it is looked at whether the body fits; null: of some thing or other.</summary>
    public Func<Call, PolicyTarget>? Target { get; init; }

    /// <summary>Which rule guards this very request, where more than one might; null: <see cref="Policy"/> always.</summary>
    public Func<Call, ValueTask<PolicyRule>>? Rule { get; init; }

    /// <summary>The handler alone asks the rule, since the service looks for the thing first: to who may do this to nothing, it answers
    /// 404 for what is not there.</summary>
    public bool AskedLater { get; init; }

    /// <summary>The handler reads the body itself, of any size (image data).</summary>
    public bool Streams { get; init; }

    /// <summary>The handler reads the body itself: it is a form, no JSON.</summary>
    public bool TakesForm { get; init; }

    /// <summary>Needs the images' bytes: a gateway that has none sends the request to one that has.</summary>
    public bool AtImages { get; init; }

    internal bool Offers(Microversion version) =>
        (Since is not { } since || version >= since) && (Until is not { } until || version <= until);
}

/// <summary>The form of a body from a microversion on.</summary>
/// <param name="Since">Null for all versions.</param>
/// <param name="Schema">What it must look like.</param>
public sealed record BodySchema(Microversion? Since, Schema Schema);
