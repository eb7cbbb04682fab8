using System.Text.RegularExpressions;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>What an endpoint's address may leave to be filled in, and what it is filled with (source: <c>check_endpoint_url</c> and
/// <c>format_url</c> in <c>keystone/common/utils.py</c>).</summary>
internal static partial class EndpointUrls
{
    private const string Wildcard = "0.0.0.0";

    private static readonly HashSet<string> Fillable =
    [
        "tenant_id", "project_id", "user_id", "public_bind_host", "admin_bind_host", "compute_host", "admin_port", "public_port",
        "public_endpoint", OwnName,
    ];

    private static string OwnName => EndpointState.OwnAddress[2..^2];

    /// <summary>Throws when it leaves something else, or says so in another way.</summary>
    internal static void Require(string url)
    {
        var rest = Place().Replace(Uniform(url), match => Fillable.Contains(match.Groups["name"].Value) ? "" : match.Value);
        if (rest.Replace("%%", "", StringComparison.Ordinal).Contains('%', StringComparison.Ordinal))
            throw Fault.BadRequest("URLValidationError", $"Cannot create an endpoint with an invalid URL: {url}.");
    }

    /// <summary>Whether what is filled in differs from user to user.</summary>
    internal static bool NamesUser(string url) => url.Contains("user_id", StringComparison.Ordinal);

    /// <summary>The address as the endpoint's own body shows it.</summary>
    internal static string Shown(string url, string address) =>
        url.Replace(EndpointState.OwnAddress, address, StringComparison.Ordinal);

    /// <summary>The address as a catalog shows it; null when there is nothing to fill in for what it leaves open, so that the endpoint is
    /// left out.</summary>
    /// <param name="url">The endpoint's.</param>
    /// <param name="address">The cloud's own, for this client.</param>
    /// <param name="user">Whose catalog it is.</param>
    /// <param name="project">The project of the catalog; null for a domain's or the system's.</param>
    internal static string? Fill(string url, string address, UserId user, ProjectId? project)
    {
        var shown = Shown(url, address);
        if (!shown.Contains('%', StringComparison.Ordinal) && !shown.Contains("$(", StringComparison.Ordinal))
            return shown;
        var isWhole = true;
        var filled = Place().Replace(Uniform(url), match =>
        {
            if (match.Value == "%%")
                return "%";
            var value = Value(match.Groups["name"].Value, address, user, project);
            isWhole &= value is not null;
            return value ?? "";
        });
        return isWhole ? filled : null;
    }

    // The ports and hosts are those that Keystone answers with when its operator has set none; it knows no compute_host any more.
    private static string? Value(string name, string address, UserId user, ProjectId? project) => name switch
    {
        "user_id" => user.Text,
        "tenant_id" or "project_id" => project?.Text,
        "public_bind_host" or "admin_bind_host" => Wildcard,
        "public_port" => "5000",
        "admin_port" => "35357",
        "public_endpoint" => address,
        _ => name == OwnName ? address : null,
    };

    private static string Uniform(string url) => url.Replace("$(", "%(", StringComparison.Ordinal);

    [GeneratedRegex(@"%\((?<name>[^)]*)\)s|%%")]
    private static partial Regex Place();
}
