using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Route = Fabric.Gateway.Http.Route;

namespace Fabric.Gateway.Network;

/// <summary>Neutron's errors: <c>NeutronError</c> with the exception's name (source: <c>neutron/api/api_common.py</c>).</summary>
internal sealed class NetworkFaultStyle : FaultStyle
{
    public override int Status(Fault fault) => fault.Kind == FaultKind.OverQuota ? 409 : base.Status(fault);

    public override object Body(Fault fault, int status, string requestId) => new Dictionary<string, object>
    {
        ["NeutronError"] = new { type = Name(fault), message = fault.Message, detail = "" },
    };

    public override Fault Denied(PolicyRule rule) => DeniedBy(rule.Name);

    /// <summary>Neutron takes out of an answer what the caller may not read: a list has nothing in it, and one thing is not
    /// there.</summary>
    public override IResult? Unreadable(Route route)
    {
        var parts = route.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return route.Method != "GET" || parts is ["quotas", ..] ? null : parts switch
        {
            [var collection] => Reply.Json(new Dictionary<string, object[]> { [collection.Replace('-', '_')] = [] }),
            [_, "{id}"] or [_, "{id}", "tags", ..] => throw NoSuchRoute(route.Path),
            _ => null,
        };
    }

    public override Fault NoSuchRoute(string path) => Fault.NotFound("HTTPNotFound", "The resource could not be found.");

    public override Fault Malformed() => Bad("Body contains invalid data");

    public override Fault Invalid(SchemaError error) => Bad(error.Message);

    public override Fault Unexpected() => new(FaultKind.Unexpected, "HTTPInternalServerError",
        "Request Failed: internal server error while processing your request.");

    /// <summary>A request that is wrong before anything is looked at.</summary>
    internal static Fault Bad(string message) => Fault.BadRequest("HTTPBadRequest", message);

    /// <summary>An attribute's own rule says no.</summary>
    internal static Fault DeniedBy(params string[] rules) => new(FaultKind.Forbidden, "PolicyNotAuthorized", rules.Length == 1
        ? $"rule:{rules[0]} is disallowed by policy"
        : $"({string.Join(" and ", rules.Select(static rule => "rule:" + rule))}) is disallowed by policy");

    /// <summary>A fault made without one of Neutron's names has webob's.</summary>
    private static string Name(Fault fault) => fault.Type switch
    {
        "BadRequest" when fault.Message.StartsWith("Bad ", StringComparison.Ordinal) => "BadRequest",
        "BadRequest" => "HTTPBadRequest",
        "NotFound" => "HTTPNotFound",
        "MethodNotAllowed" => "HTTPMethodNotAllowed",
        "RequestTooLarge" => "HTTPRequestEntityTooLarge",
        "ServiceUnavailable" => "HTTPServiceUnavailable",
        _ => fault.Type,
    };
}
