using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Identity's errors: <c>{"error": {"code", "message", "title"}}</c> (source: <c>keystone/exception.py</c>).</summary>
internal sealed class IdentityFaultStyle : FaultStyle
{
    public override object Body(Fault fault, int status, string requestId) => new
    {
        error = new { code = status, message = fault.Message, title = TitleOf(status) },
    };

    public override Fault Denied(PolicyRule rule) => IdentityFaults.ForbiddenAction(rule.Name);

    public override Fault NoSuchRoute(string path) => Fault.NotFound(
        "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.");

    public override Fault Malformed() => IdentityFaults.Missing("valid JSON", "request body");

    public override Fault Invalid(SchemaError error)
    {
        // The path begins with the envelope, which clients of identity never read about: the check is on what it holds.
        var dot = error.Path.IndexOf('.', StringComparison.Ordinal);
        return Fault.BadRequest("SchemaValidationError", dot < 0
            ? error.Message
            : $"Invalid input for field '{error.Path[(dot + 1)..].Replace('.', '/')}': {error.Message}");
    }

    public override Fault Unexpected() => new(FaultKind.Unexpected, "UnexpectedError",
        "An unexpected error prevented the server from fulfilling your request.");

    private static string TitleOf(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
}
