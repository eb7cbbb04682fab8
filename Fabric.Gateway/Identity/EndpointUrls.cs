using System.Text.RegularExpressions;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>What an endpoint's address may leave to be filled in (source: <c>check_endpoint_url</c> in
/// <c>keystone/common/utils.py</c>).</summary>
internal static partial class EndpointUrls
{
    private static readonly HashSet<string> Fillable =
    [
        "tenant_id", "project_id", "user_id", "public_bind_host", "admin_bind_host", "compute_host", "admin_port", "public_port",
        "public_endpoint", EndpointState.OwnAddress[2..^2],
    ];

    /// <summary>Throws when it leaves something else, or says so in another way.</summary>
    internal static void Require(string url)
    {
        var rest = Place().Replace(url.Replace("$(", "%(", StringComparison.Ordinal),
            match => Fillable.Contains(match.Groups["name"].Value) ? "" : match.Value);
        if (rest.Replace("%%", "", StringComparison.Ordinal).Contains('%', StringComparison.Ordinal))
            throw Fault.BadRequest("URLValidationError", $"Cannot create an endpoint with an invalid URL: {url}.");
    }

    [GeneratedRegex(@"%\((?<name>[^)]*)\)[sd]")]
    private static partial Regex Place();
}
