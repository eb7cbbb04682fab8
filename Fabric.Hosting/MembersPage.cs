using System.Globalization;
using System.Net;
using System.Text;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Hosting;

/// <summary><c>/members</c>: the cluster as this process sees it, a line for each silo, for people and scripts on its own machine. To
/// anybody else there is no such page: it names inner addresses, and asks every silo.</summary>
internal static class MembersPage
{
    /// <summary>The tag under which a silo's metadata has its name.</summary>
    internal const string NameTag = "name";

    /// <summary>The tag under which a silo's metadata has its roles, with commas between.</summary>
    internal const string RolesTag = "roles";

    /// <summary>What a silo's metadata says of who it is.</summary>
    internal static Dictionary<string, string> Tags(
        string name, IEnumerable<string> roles, IEnumerable<KeyValuePair<string, string>> more) =>
        new(more) { [NameTag] = name, [RolesTag] = string.Join(',', roles) };

    /// <summary>Maps the page.</summary>
    public static void MapMembers(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/members",
            static async (HttpContext http, IGrainFactory grains, ISiloMetadataCache metadata, IClusterMembershipService membership) =>
                IsLocal(http)
                    ? Results.Text(await Render(grains, metadata, membership.CurrentSnapshot.Version.Value))
                    : Results.NotFound());

    // What a proxy of this machine forwards comes from its loopback too, but says for whom.
    private static bool IsLocal(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } caller && IPAddress.IsLoopback(caller)
        && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded");

    private static async Task<string> Render(IGrainFactory grains, ISiloMetadataCache metadata, long view)
    {
        var management = grains.GetGrain<IManagementGrain>(0);
        var hosts = (await management.GetHosts()).Where(static host => host.Value != SiloStatus.Dead)
            .OrderBy(host => Tag(metadata, host.Key, NameTag), StringComparer.Ordinal).ToList();
        var activations = (await management.GetSimpleGrainStatistics([.. hosts.Select(static host => host.Key)]))
            .ToLookup(static statistic => statistic.SiloAddress, static statistic => statistic.ActivationCount);
        var text = new StringBuilder();
        // The first line is this member's own: others may go by another view for a moment.
        text.Append(CultureInfo.InvariantCulture, $"view {view}\n");
        foreach (var (address, status) in hosts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Tag(metadata, address, NameTag),-11} {status,-12} "
                + $"{Tag(metadata, address, RolesTag),-20} {address.Endpoint,-21} {activations[address].Sum()} activations\n");
        }

        return text.ToString();
    }

    private static string Tag(ISiloMetadataCache metadata, SiloAddress silo, string tag) =>
        metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(tag, "-");
}
