using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Grains.Placement;

namespace Fabric.Gateway.Placement;

/// <summary>What a provider must have: the query parameters <c>resources</c>, <c>required</c> and <c>member_of</c>, shared by the list of
/// providers and the allocation candidates.</summary>
internal sealed class ProviderFilter
{
    /// <summary>Amount by resource class; empty for none asked.</summary>
    internal IReadOnlyDictionary<string, long> Resources { get; private init; } = new Dictionary<string, long>();

    /// <summary>One of each group.</summary>
    private IReadOnlyList<string[]> RequiredAnyOf { get; init; } = [];
    private IReadOnlyList<string> Forbidden { get; init; } = [];
    private IReadOnlyList<string[]> MemberOfAnyOf { get; init; } = [];
    private IReadOnlyList<string> NotMemberOf { get; init; } = [];

    internal static ProviderFilter Read(Call call)
    {
        if (call.Http.Request.Query.Keys.FirstOrDefault(static key => HasSuffix(key)) is { } granular)
            throw Fault.BadRequest("placement.query.bad_value",
                $"Invalid query string parameters: granular request groups ('{granular}') are not supported.");
        var required = new List<string[]>();
        var forbidden = new List<string>();
        foreach (var value in call.QueryAll("required"))
            ReadTraits(value ?? "", required, forbidden);
        var members = new List<string[]>();
        var strangers = new List<string>();
        foreach (var value in call.QueryAll("member_of"))
            ReadAggregates(value ?? "", members, strangers);
        return new()
        {
            Resources = call.Query("resources") is { } text ? ReadResources(text) : new Dictionary<string, long>(),
            RequiredAnyOf = required,
            Forbidden = forbidden,
            MemberOfAnyOf = members,
            NotMemberOf = strangers,
        };
    }

    /// <summary>Whether a <see cref="ProviderState"/> has all that is asked for.</summary>
    internal bool Matches(object record)
    {
        var state = (ProviderState)record;
        return HasRoom(state)
            && RequiredAnyOf.All(any => any.Any(state.Traits.Contains))
            && !Forbidden.Any(state.Traits.Contains)
            && MemberOfAnyOf.All(any => any.Any(state.Aggregates.Contains))
            && !NotMemberOf.Any(state.Aggregates.Contains);
    }

    private static bool HasSuffix(string key) =>
        (key.StartsWith("resources", StringComparison.Ordinal) && key.Length > 9)
            || (key.StartsWith("required", StringComparison.Ordinal) && key.Length > 8)
        || (key.StartsWith("member_of", StringComparison.Ordinal) && key.Length > 9);

    private static Dictionary<string, long> ReadResources(string text)
    {
        var resources = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1)
                throw Bad($"Badly formed resources parameter. Expected resources query string parameter in form: "
                    + $"?resources=VCPU:2,MEMORY_MB:1024. Got: {text}.");
            if (!long.TryParse(part.AsSpan(colon + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount))
                throw Bad($"Requested resource {part[..colon]} expected positive integer amount. Got: {part[(colon + 1)..]}.");
            if (amount < 1)
                throw Bad($"Requested resource {part[..colon]} requires amount >= 1. Got: {amount}.");
            resources[part[..colon]] = amount;
        }

        return resources;
    }

    private static void ReadTraits(string text, List<string[]> required, List<string> forbidden)
    {
        if (text.StartsWith("in:", StringComparison.Ordinal))
        {
            required.Add(text[3..].Split(','));
            return;
        }

        foreach (var trait in text.Split(','))
        {
            if (trait.StartsWith('!') && trait.Length > 1)
                forbidden.Add(trait[1..]);
            else if (trait.Length > 0)
                required.Add([trait]);
            else
                throw Bad($"Invalid query string parameters: Expected 'required' parameter value of the form: "
                    + $"HW_CPU_X86_VMX,!CUSTOM_MAGIC. Got: {text}");
        }
    }

    private static void ReadAggregates(string text, List<string[]> members, List<string> strangers)
    {
        var not = text.StartsWith('!');
        var rest = not ? text[1..] : text;
        var many = rest.StartsWith("in:", StringComparison.Ordinal);
        var aggregates = (many ? rest[3..] : rest).Split(',');
        if (aggregates.FirstOrDefault(static each => !ResourceIdText.TryParseUuid(each, out _)) is { } bad)
            throw Bad($"Invalid query string parameters: Expected 'member_of' parameter to contain valid UUID(s). Got: {bad}");
        if (not)
            strangers.AddRange(aggregates);
        else
            members.Add(aggregates);
    }

    private static Fault Bad(string message) => Fault.BadRequest("placement.query.bad_value", message);

    private bool HasRoom(ProviderState state)
    {
        if (Resources.Count == 0)
            return true;
        var used = state.Used();
        return Resources.All(wanted => state.Inventories.TryGetValue(wanted.Key, out var inventory)
            && inventory.Fits(used.GetValueOrDefault(wanted.Key), wanted.Value));
    }
}
