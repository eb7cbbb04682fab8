using Fabric.Gateway.Http;

namespace Fabric.Gateway.Identity;

/// <summary>The document that names every path of identity's, for clients that look paths up by what they are for (JSON home, as
/// <c>keystone/common/json_home.py</c> writes it).</summary>
internal static partial class IdentityJsonHome
{
    private const string MediaType = "application/json-home";
    private const string Names = "https://docs.openstack.org/api/openstack-identity/3";

    private static readonly Dictionary<string, string> ExtensionOfParameter = new(StringComparer.Ordinal)
    {
        ["protocol_id"] = "OS-FEDERATION", ["idp_id"] = "OS-FEDERATION", ["mapping_id"] = "OS-FEDERATION", ["sp_id"] = "OS-FEDERATION",
        ["endpoint_group_id"] = "OS-EP-FILTER", ["consumer_id"] = "OS-OAUTH1", ["request_token_id"] = "OS-OAUTH1",
        ["access_token_id"] = "OS-OAUTH1", ["trust_id"] = "OS-TRUST",
    };

    // What a parameter is called where that is not how the path calls it.
    private static readonly Dictionary<string, string> NameOfParameter = new(StringComparer.Ordinal)
    {
        ["group"] = "config_group", ["option"] = "config_option", ["value"] = "tag_value", ["prior_role_id"] = "role_id",
        ["implied_role_id"] = "role_id",
    };

    private static readonly HashSet<string> Experimental = ["limit", "limits", "limit_model", "registered_limit", "registered_limits"];

    /// <summary>Whether the client would rather have this than the version document.</summary>
    internal static bool IsWanted(HttpRequest request)
    {
        var wanted = Quality(request, MediaType);
        return wanted > 0 && wanted > Quality(request, "application/json");
    }

    /// <summary>The document.</summary>
    /// <param name="prefix">What stands before each path.</param>
    internal static IResult Answer(string prefix) => new HomeReply(new { resources = Resources(prefix) });

    // The most specific range of the header that fits counts.
    private static double Quality(HttpRequest request, string type)
    {
        var best = (Specificity: -1, Quality: 0.0);
        foreach (var range in request.GetTypedHeaders().Accept)
        {
            var specificity = range.MatchesAllTypes ? 0
                : range.MatchesAllSubTypes && range.Type.Equals("application", StringComparison.OrdinalIgnoreCase) ? 1
                : range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase) ? 2 : -1;
            if (specificity > best.Specificity)
                best = (specificity, range.Quality ?? 1);
        }

        return best.Quality;
    }

    private static Dictionary<string, object> Resources(string prefix)
    {
        var all = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (extension, paths) in Named)
        {
            foreach (var named in paths)
            {
                var blank = named.IndexOf(' ', StringComparison.Ordinal);
                all[Name(extension, "rel", named[..blank])] = Resource(named[..blank], prefix + named[(blank + 1)..]);
            }
        }

        return all;
    }

    private static Dictionary<string, object> Resource(string name, string path)
    {
        var parameters = path.Split('/').Where(static part => part.StartsWith('{')).Select(static part => part[1..^1]).ToArray();
        var resource = new Dictionary<string, object> { [parameters.Length == 0 ? "href" : "href-template"] = path };
        if (parameters.Length > 0)
        {
            resource["href-vars"] = parameters.ToDictionary(static one => one, static one => Name(
                ExtensionOfParameter.GetValueOrDefault(one, ""), "param", NameOfParameter.GetValueOrDefault(one, one)));
        }

        if (Experimental.Contains(name))
            resource["hints"] = new { status = "experimental" };
        return resource;
    }

    private static string Name(string extension, string kind, string name) =>
        extension.Length == 0 ? $"{Names}/{kind}/{name}" : $"{Names}/ext/{extension}/1.0/{kind}/{name}";

    private sealed class HomeReply(object body) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            http.Response.ContentType = MediaType;
            await System.Text.Json.JsonSerializer.SerializeAsync(
                http.Response.Body, body, body.GetType(), Wire.Options, http.RequestAborted);
        }
    }
}
