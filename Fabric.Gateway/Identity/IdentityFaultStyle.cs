using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Identity's errors: <c>{"error": {"code", "message", "title"}}</c> (source: <c>keystone/exception.py</c>).</summary>
internal sealed class IdentityFaultStyle : FaultStyle
{
    private const string UnknownPath = "UnknownPath";

    private bool ofVersions;

    public override bool TellsRoutes => true;

    public override FaultStyle OfVersions => new IdentityFaultStyle { ofVersions = true };

    public override string ContentType => "text/html; charset=utf-8";

    public override string Challenge(string origin) => $"Keystone uri=\"{origin}{IdentityApi.Root}\"";

    public override bool Challenges(Fault fault) => fault.Kind == FaultKind.Unauthorized;

    // Keystone leaves paths and methods that it does not have to its web framework, which words them in its own way.
    public override object Body(Fault fault, int status, string requestId) => fault switch
    {
        { Type: UnknownPath } => Page(status, fault.Message),
        { Kind: FaultKind.MethodNotAllowed } when ofVersions => Page(status, fault.Message),
        { Kind: FaultKind.MethodNotAllowed } => new { message = fault.Message },
        _ => new { error = new { code = status, message = fault.Message, title = TitleOf(status) } },
    };

    public override Fault Denied(PolicyRule rule) => IdentityFaults.ForbiddenAction(rule.Name);

    public override IResult TooLarge(int mostBytes) => new TooLargeReply(mostBytes);

    public override Fault NoSuchRoute(string path) => Fault.NotFound(UnknownPath,
        "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.");

    public override Fault Malformed() => IdentityFaults.Missing("valid JSON", "request body");

    public override Fault WrongType() => IdentityFaults.Missing("application/json", "Content-Type header");

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

    private static string Page(int status, string message) =>
        $"<!doctype html>\n<html lang=en>\n<title>{status} {TitleOf(status)}</title>\n<h1>{TitleOf(status)}</h1>\n<p>{message}</p>\n";

    private static string TitleOf(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
}
