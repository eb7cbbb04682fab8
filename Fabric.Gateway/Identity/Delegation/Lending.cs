using System.Globalization;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Delegation;

/// <summary>What application credentials, trusts and OAuth1 have in common: lists of roles by id or name, and ends in time.</summary>
internal static class Lending
{
    private static readonly string[] TimeForms =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    /// <summary>The roles that a list names; not found for one that names none.</summary>
    internal static IReadOnlyList<RoleState> RolesOf(JsonElement list, RoleSet roles) => [.. list.EnumerateArray().Select(one =>
    {
        if (one.TryGetProperty("id", out var id))
            return roles.Find(new(id.GetString()!)) ?? throw IdentityFaults.NotFound("role", id.GetString()!);
        var name = one.GetProperty("name").GetString()!;
        return roles.All.FirstOrDefault(role => role.DomainId is null && role.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw IdentityFaults.NotFound("role", name);
    }).DistinctBy(static role => role.Id)];

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

    /// <summary>Roles without their links, as application credentials show them.</summary>
    internal static object Short(RoleState role) => new
    {
        id = role.Id.Text, name = role.Name, domain_id = role.DomainId?.Text, description = role.Description, options = new { },
    };
}
