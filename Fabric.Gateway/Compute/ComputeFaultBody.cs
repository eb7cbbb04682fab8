using Fabric.Gateway.Http;

namespace Fabric.Gateway.Compute;

/// <summary>Nova's errors: an object named by the status (source: <c>nova/api/openstack/wsgi.py</c> class <c>Fault</c>).</summary>
internal sealed class ComputeFaultBody : FaultStyle
{
    public override object Body(Fault fault, int status, string requestId) =>
        new Dictionary<string, object> { [Name(status)] = new { code = status, message = fault.Message } };

    private static string Name(int status) => status switch
    {
        400 => "badRequest",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "itemNotFound",
        405 => "badMethod",
        409 => "conflictingRequest",
        413 or 429 => "overLimit",
        415 => "badMediaType",
        501 => "notImplemented",
        503 => "serviceUnavailable",
        _ => "computeFault",
    };
}
