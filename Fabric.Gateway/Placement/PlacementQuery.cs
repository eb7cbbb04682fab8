using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Placement;

namespace Fabric.Gateway.Placement;

/// <summary>The small languages of placement's query parameters (source: <c>placement/util.py</c>), as each version speaks them.</summary>
internal static class PlacementQuery
{
    private const string ResourcesForm = "Badly formed resources parameter. Expected resources query string parameter in form: "
        + "?resources=VCPU:2,MEMORY_MB:1024. Got: ";

    /// <summary>Only these parameters may be there.</summary>
    internal static void Only(Call call, Func<string, bool> known)
    {
        string[] unknown = [.. call.Http.Request.Query.Keys.Where(key => !known(key)).Order(StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            throw Bad($"Additional properties are not allowed ({string.Join(", ", unknown.Select(PythonRepr.Of))} "
                + $"{(unknown.Length == 1 ? "was" : "were")} unexpected)");
        }
    }

    /// <summary>The group that the parameters of one suffix make.</summary>
    internal static RequestGroup Group(Call call, string suffix)
    {
        var (required, forbidden) = Traits(call, "required" + suffix);
        var (members, strangers) = Aggregates(call, suffix);
        return new()
        {
            Suffix = suffix,
            Resources = call.Query("resources" + suffix) is { } text ? Resources(text) : new Dictionary<string, long>(),
            RequiredAnyOf = required,
            Forbidden = forbidden,
            MemberOfAnyOf = members,
            NotMemberOf = strangers,
            InTree = call.Query("in_tree" + suffix) is { } tree ? InTree(tree) : null,
        };
    }

    /// <summary>The traits of a parameter that knows only "and" and "not".</summary>
    internal static (string[] Required, string[] Forbidden) PlainTraits(string text)
    {
        var (required, forbidden) = Traits(text, mayForbid: true, mayChoose: false);
        return ([.. required.Select(static any => any[0]).Distinct()], [.. forbidden.Distinct()]);
    }

    internal static Fault Bad(string message) => Fault.BadRequest("Invalid query string parameters: " + message);

    private static Dictionary<string, long> Resources(string text)
    {
        var resources = new Dictionary<string, long>(StringComparer.Ordinal);
        if (text.Trim().Length == 0)
            throw Fault.BadRequest(ResourcesForm + "empty string.");
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                throw Fault.BadRequest(ResourcesForm + $"{text}.");
            var name = part[..colon].Trim();
            if (!long.TryParse(part.AsSpan(colon + 1), NumberStyles.Integer, CultureInfo.InvariantCulture, out var amount))
                throw Fault.BadRequest($"Requested resource {name} expected positive integer amount. Got: {part[(colon + 1)..]}.");
            if (amount < 1)
                throw Fault.BadRequest($"Requested resource {name} requires amount >= 1. Got: {amount}.");
            resources[name] = amount;
        }

        return resources;
    }

    /// <summary>Before 1.39 only the last of several counts.</summary>
    private static (List<string[]> Required, string[] Forbidden) Traits(Call call, string parameter)
    {
        var required = new List<string[]>();
        var forbidden = new List<string>();
        var choose = call.Microversion >= "1.39";
        var values = call.QueryAll(parameter);
        foreach (var value in choose ? values : values.TakeLast(1))
        {
            var (all, not) = Traits(value ?? "", call.Microversion >= "1.22", choose);
            required.AddRange(all);
            forbidden.AddRange(not);
        }

        return (required, [.. forbidden.Distinct()]);
    }

    private static (List<string[]> Required, List<string> Forbidden) Traits(string text, bool mayForbid, bool mayChoose)
    {
        const string any = "HW_CPU_X86_VMX,CUSTOM_MAGIC";
        if (text.StartsWith("in:", StringComparison.Ordinal))
        {
            if (!mayChoose)
                throw Bad($"The format 'in:{any}' only supported since microversion 1.39. Got: {text}");
            string[] choices = [.. text[3..].Split(',').Select(static trait => trait.Trim())];
            if (choices.Contains(""))
                throw Bad($"Expected 'required' parameter value of the form: in:{any}. Got an empty trait in: {text}");
            return choices.Any(static trait => trait.StartsWith('!'))
                ? throw Bad($"The format 'in:{any}' does not support forbidden traits. Got: {text}")
                : ([choices], []);
        }

        string[] all = [.. text.Split(',').Select(static trait => trait.Trim())];
        List<string> forbidden = [.. all.Where(static trait => trait.StartsWith('!')).Select(static trait => trait.TrimStart('!'))];
        var form = $"Expected 'required' parameter value of the form: {(mayForbid ? "HW_CPU_X86_VMX,!CUSTOM_MAGIC" : any)}.";
        if (all.Contains("") || forbidden.Contains(""))
            throw Bad($"{form} Got an empty trait in: {text}");
        if (forbidden.Count > 0 && !mayForbid)
            throw Bad($"{form} Got: {text}");
        return ([.. all.Where(static trait => !trait.StartsWith('!')).Select(static trait => new[] { trait })], forbidden);
    }

    private static (List<string[]> Members, List<string> Strangers) Aggregates(Call call, string suffix)
    {
        var members = new List<string[]>();
        var strangers = new List<string>();
        var values = call.QueryAll("member_of" + suffix);
        if (values.Count > 1 && call.Microversion < "1.24")
            throw Fault.BadRequest($"Multiple member_of{suffix} parameters are not supported");
        foreach (var value in values)
        {
            var (aggregates, not) = Aggregates(value ?? "");
            if (not && call.Microversion < "1.32")
                throw Fault.BadRequest($"Forbidden member_of{suffix} parameters are not supported in the specified microversion");
            if (not)
                strangers.AddRange(aggregates);
            else
                members.Add(aggregates);
        }

        return (members, strangers);
    }

    private static (string[] Aggregates, bool Not) Aggregates(string value)
    {
        var not = value.StartsWith('!');
        var rest = not ? value[1..] : value;
        var many = rest.StartsWith("in:", StringComparison.Ordinal);
        if (!many && value.Contains(',', StringComparison.Ordinal))
        {
            throw Fault.BadRequest("Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword using the valid "
                + $"microversion. Got: {value}");
        }

        var aggregates = many ? rest[3..].Split(',') : [rest];
        return aggregates.FirstOrDefault(static each => !ResourceIdText.TryParseUuid(each, out _)) is { } bad
            ? throw Bad($"Expected 'member_of' parameter to contain valid UUID(s). Got: {bad}")
            : (aggregates, not);
    }

    private static ResourceProviderId InTree(string text) => ResourceProviderId.TryParse(text.Trim(), out var id)
        ? id
        : throw Bad($"Expected 'in_tree' parameter to be a format of uuid. Got: {text}");
}
