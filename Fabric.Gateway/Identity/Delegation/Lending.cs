using System.Globalization;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Delegation;

/// <summary>What application credentials, trusts and OAuth1 have in common: lists of roles by id or name, and ends in time.</summary>
internal static class Lending
{
    private static readonly string[] TimeForms =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd",
        "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd' 'HH:mm:ssK", "yyyy-MM-dd' 'HH:mmK",
    ];

    /// <summary>The roles that a list names, those named by id unseen. Not found for a name that no role has, a bad request for one that
    /// several have.</summary>
    internal static IReadOnlyList<RoleId> RolesOf(JsonElement list, RoleSet roles) => [.. list.EnumerateArray().Select(one =>
    {
        if (one.TryGetProperty("id", out var id))
            return new RoleId(id.GetString()!);
        var name = one.GetProperty("name").GetString()!;
        RoleState[] found = [.. roles.All.Where(role => role.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];
        return found switch
        {
            [var role] => role.Id,
            [] => throw Fault.NotFound("RoleNotFound", $"Role {name} is not defined"),
            _ => throw Fault.BadRequest("AmbiguityError",
                $"There are multiple role entities named '{name}'. Please use ID instead of names to resolve the ambiguity."),
        };
    })];

    /// <summary>When something is to end; null for never. An end that has passed, or no time at all, is a bad request.</summary>
    internal static DateTimeOffset? EndOf(string? text, Call call)
    {
        if (text is null)
            return null;
        const string Apology = " The server could not comply with the request since it is either malformed or otherwise incorrect. "
            + "The client is assumed to be in error.";
        if (!DateTimeOffset.TryParseExact(text.EndsWith('Z') ? text : text + "Z", TimeForms, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var end))
            throw Fault.BadRequest("ValidationTimeStampError", "Timestamp not in expected format." + Apology);
        return end > call.Get<TimeProvider>().GetUtcNow() ? end
            : throw Fault.BadRequest("ValidationExpirationError", "The 'expires_at' must not be before now." + Apology);
    }

    /// <summary>A role without its link, as application credentials and the tokens of trusts show it.</summary>
    internal static Dictionary<string, object?> Short(RoleState role) => new Dictionary<string, object?>
    {
        ["id"] = role.Id.Text,
        ["name"] = role.Name,
        ["domain_id"] = role.DomainId?.Text,
        ["description"] = role.Description,
        ["options"] = IdentityReplies.Options(role.Options),
    }.WithExtra(role.Extra);
}
