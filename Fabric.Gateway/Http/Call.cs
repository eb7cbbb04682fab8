using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Fabric.Gateway.Http;

/// <summary>One request on its way: who asks, for what, in which version.</summary>
public sealed class Call(HttpContext http, ServiceApi service, Route route, Microversion version, PolicySet policies)
{
    private Caller? caller;

    /// <summary>The request underneath.</summary>
    public HttpContext Http => http;

    /// <summary>The service asked.</summary>
    public ServiceApi Service => service;

    /// <summary>The line of the route table.</summary>
    public Route Route => route;

    /// <summary>The version negotiated; 0.0 for a service without versions.</summary>
    public Microversion Microversion => version;

    /// <summary>Who asks. Not there for a public route.</summary>
    public Caller Caller
    {
        get => caller ?? throw new InvalidOperationException("A public route has no caller.");
        internal set => caller = value;
    }

    /// <summary>Whether somebody asks who showed a token.</summary>
    public bool HasCaller => caller is not null;

    /// <summary>The validated JSON body; undefined when the route has none.</summary>
    public JsonElement Body { get; internal set; }

    /// <summary><c>req-…</c></summary>
    public string RequestId => (string)http.Items[RequestIds.ItemKey]!;

    /// <summary>Fires when the client has gone.</summary>
    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>Grains.</summary>
    public IGrainFactory Grains => http.RequestServices.GetRequiredService<IGrainFactory>();

    /// <summary>Scheme and authority as the client sees them, e.g. <c>http://127.0.0.1:8080</c>.</summary>
    public string Origin => $"{http.Request.Scheme}://{http.Request.Host}";

    /// <summary>Where the service begins, for links.</summary>
    public string BaseUrl => Origin + service.Prefix;

    /// <summary>A service of the container.</summary>
    public T Get<T>()
        where T : notnull => http.RequestServices.GetRequiredService<T>();

    /// <summary>The grain of an id.</summary>
    public T Grain<T>(IResourceId id)
        where T : IGrainWithStringKey => Grains.GetGrain<T>(id.Text);

    /// <summary>A <c>{name}</c> of the path.</summary>
    public string Path(string name) => (string)http.Request.RouteValues[name]!;

    /// <summary>A <c>{name}</c> of the path as an id; what is no id names nothing, so it is the fault given.</summary>
    public TId PathId<TId>(string name, Func<string, Fault> notFound)
        where TId : struct, IResourceId<TId> => TId.TryParse(Path(name), out var id) ? id : throw notFound(Path(name));

    /// <summary>The last value of a query parameter, or null.</summary>
    public string? Query(string name) => http.Request.Query.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : null;

    /// <summary>All values of a query parameter.</summary>
    public StringValues QueryAll(string name) => http.Request.Query.TryGetValue(name, out var values) ? values : StringValues.Empty;

    /// <summary>Which page is asked for.</summary>
    /// <param name="max">The most a page may hold, and what it holds when nothing is said.</param>
    /// <param name="zeroIsAll">Whether a limit of 0 says nothing; else it asks for an empty page.</param>
    public Paging Paging(int max, bool zeroIsAll = false)
    {
        var limit = max;
        if (Query("limit") is { } text)
        {
            if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var asked) && !IsLong(text))
                throw Fault.BadRequest("limit param must be an integer");
            if (asked < 0)
                throw Fault.BadRequest("limit param must be positive");
            // What is too long for an integer was not read, and is surely above the maximum.
            limit = asked == 0 && (zeroIsAll || IsLong(text)) ? max : Math.Min(asked, max);
        }

        return new(limit, Query("marker"), string.Equals(Query("page_reverse"), "true", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The caller may do this to the thing looked up. Throws <paramref name="notFound"/> when the thing is none of the caller's
    /// business, the service's 403 when it is in sight but not for the caller to change.</summary>
    public void Require(in PolicyTarget target, Fault notFound)
    {
        if (Allows(route.Policy, target))
            return;
        throw target.ProjectId is not null && target.ProjectId != Caller.ProjectId ? notFound : service.Faults.Denied(route.Policy);
    }

    /// <summary>The caller may do what another rule guards to some thing at least; else the service's 403.</summary>
    public void Require(PolicyRule rule)
    {
        if (!Allows(rule))
            throw service.Faults.Denied(rule);
    }

    /// <summary>The caller may do what a rule guards to the thing looked up; else the service's 403.</summary>
    public void Require(PolicyRule rule, in PolicyTarget target)
    {
        if (!Allows(rule, target))
            throw service.Faults.Denied(rule);
    }

    /// <summary>Whether the caller may do what a rule guards to some thing at least.</summary>
    public bool Allows(PolicyRule rule) => policies.Allows(rule, Caller, PolicyTarget.Unknown);

    /// <summary>Whether the caller may do what a rule guards to the thing looked up.</summary>
    public bool Allows(PolicyRule rule, in PolicyTarget target) => policies.Allows(rule, Caller, target);

    /// <summary>Whether the operator made a rule hold for everybody.</summary>
    public bool IsOpenToAll(PolicyRule rule) => policies.IsOpenToAll(rule);

    private static bool IsLong(string text) => text.Length > 9 && text.All(char.IsAsciiDigit);
}
