using System.Net;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Microsoft.AspNetCore.WebUtilities;

namespace Fabric.Gateway.Image;

/// <summary>Glance answers errors as a small HTML page (webob's default), and words them its own way.</summary>
internal sealed class ImageFaultStyle : FaultStyle
{
    public override string ContentType => "text/html; charset=UTF-8";

    public override int Status(Fault fault) => fault.Kind == FaultKind.OverQuota ? 413 : base.Status(fault);

    public override object Body(Fault fault, int status, string requestId)
    {
        var title = $"{status} {ReasonPhrases.GetReasonPhrase(status)}";
        return $"<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n  "
            + $"{WebUtility.HtmlEncode(fault.Message)}<br /><br />\n\n\n </body>\n</html>";
    }

    public override Fault Denied(PolicyRule rule) => Fault.Forbidden($"You are not authorized to complete {rule.Name} action.");

    public override Fault Malformed() => Fault.BadRequest("Malformed JSON in request body.");

    public override Fault Invalid(SchemaError error) => Fault.BadRequest($"Provided object does not match schema 'image': {error.Message}");

    public override Fault Unexpected() =>
        new(FaultKind.Unexpected, "InternalServerError",
            "The server has either erred or is incapable of performing the requested operation.");
}
