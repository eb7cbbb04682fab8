using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Microsoft.AspNetCore.WebUtilities;

namespace Fabric.Gateway.Placement;

/// <summary>Placement's errors: a list of one (source: <c>placement/util.py</c> json_error_formatter). The code is said from 1.23 on;
/// older clients ignore what they do not know.</summary>
internal sealed class PlacementFaultStyle : FaultStyle
{
    public override object Body(Fault fault, int status, string requestId) => new
    {
        errors = new[]
        {
            new
            {
                status,
                title = ReasonPhrases.GetReasonPhrase(status),
                detail = fault.Message,
                code = fault.Type.StartsWith("placement.", StringComparison.Ordinal) ? fault.Type : "placement.undefined_code",
                request_id = requestId,
            },
        },
    };

    public override Fault Denied(PolicyRule rule) => Fault.Forbidden($"{rule.Name} not allowed");

    public override Fault Malformed() => Fault.BadRequest("Malformed JSON: the request body could not be read.");

    public override Fault Invalid(SchemaError error) => Fault.BadRequest($"JSON does not validate: {error.Message}");
}
