using System.Globalization;
using System.Text.RegularExpressions;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Placement;

namespace Fabric.Gateway.Placement;

/// <summary>The question of <c>GET /allocation_candidates</c>, checked as each version checks it (source: <c>placement/lib.py</c> and
/// <c>placement/schemas/allocation_candidate.py</c>).</summary>
internal static partial class CandidateQuery
{
    /// <summary>At most so many candidates, also when the client names no limit.</summary>
    private const int MostCandidates = 1000;

    private static readonly string[] Prefixes = ["resources", "required", "member_of", "in_tree"];

    internal static CandidateRequest Read(Call call)
    {
        PlacementQuery.Only(call, key => IsKnown(call, key));
        if (call.Microversion < "1.25" && call.Query("resources") is null)
            throw PlacementQuery.Bad("'resources' is a required property");
        var policy = call.Query("group_policy");
        if (policy is not (null or "none" or "isolate"))
            throw PlacementQuery.Bad($"{PythonRepr.Of(policy)} is not one of ['none', 'isolate']");
        var limit = Limit(call);
        var (rootRequired, rootForbidden) = Root(call);
        var subtrees = Subtrees(call);
        RequestGroup[] groups = [.. Suffixes(call).Select(suffix => PlacementQuery.Group(call, suffix))];
        if (call.Microversion >= "1.36")
            CheckSubtrees(groups, [.. subtrees.SelectMany(static suffixes => suffixes).Distinct()]);
        else
            CheckOrphans(groups);
        if (call.Microversion >= "1.22")
            CheckConflicts(groups);
        if (policy is null && groups.Count(static group => group.SameProvider) > 1)
        {
            throw Fault.BadRequest(
                "The \"group_policy\" parameter is required when specifying more than one \"resources{N}\" parameter.");
        }

        return new()
        {
            Groups = groups,
            Isolate = policy == "isolate",
            RootRequired = rootRequired,
            RootForbidden = rootForbidden,
            SameSubtrees = subtrees,
            Limit = limit,
            NestedAware = call.Microversion >= "1.29",
        };
    }

    private static bool IsKnown(Call call, string key) => key switch
    {
        "limit" => call.Microversion >= "1.16",
        "group_policy" => call.Microversion >= "1.25",
        "root_required" => call.Microversion >= "1.35",
        "same_subtree" => call.Microversion >= "1.36",
        _ => Split(call, key) is { } parts && call.Microversion >= parts.Prefix switch
        {
            "resources" => "1.10",
            "required" => "1.17",
            "member_of" => "1.21",
            _ => "1.31",
        },
    };

    /// <summary>A parameter of a request group and its suffix; null for any other.</summary>
    private static (string Prefix, string Suffix)? Split(Call call, string key)
    {
        if (Prefixes.FirstOrDefault(prefix => key.StartsWith(prefix, StringComparison.Ordinal)) is not { } prefix)
            return null;
        var suffix = key[prefix.Length..];
        var known = suffix.Length == 0
            || (call.Microversion >= "1.33" ? NamedSuffix().IsMatch(suffix)
                : call.Microversion >= "1.25" && NumberedSuffix().IsMatch(suffix));
        return known ? (prefix, suffix) : null;
    }

    private static IEnumerable<string> Suffixes(Call call) =>
        call.Http.Request.Query.Keys.Select(key => Split(call, key)?.Suffix).OfType<string>().Distinct(StringComparer.Ordinal);

    private static int Limit(Call call)
    {
        if (call.Query("limit") is not { } text)
            return MostCandidates;
        if (!Positive().IsMatch(text))
            throw PlacementQuery.Bad($"{PythonRepr.Of(text)} does not match '^[1-9][0-9]*$'");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? Math.Min(limit, MostCandidates) : MostCandidates;
    }

    private static (string[] Required, string[] Forbidden) Root(Call call)
    {
        var values = call.QueryAll("root_required");
        if (values.Count == 0)
            return ([], []);
        if (values.Count > 1)
        {
            throw Fault.BadRequest("placement.query.duplicate_key",
                "Query parameter 'root_required' may be specified only once.");
        }

        var (required, forbidden) = PlacementQuery.PlainTraits(values[0] ?? "");
        string[] both = [.. required.Intersect(forbidden)];
        return both.Length == 0
            ? (required, forbidden)
            : throw Fault.BadRequest("placement.query.bad_value",
                $"Conflicting required and forbidden traits found in root_required: {string.Join(", ", both)}");
    }

    private static string[][] Subtrees(Call call)
    {
        string[][] subtrees = [.. call.QueryAll("same_subtree").Select(
            static value => (value ?? "").Split(',').Select(static suffix => suffix.Trim()).Distinct().ToArray())];
        return subtrees.Any(static suffixes => suffixes.Contains(""))
            ? throw Fault.BadRequest("placement.query.bad_value",
                "Empty string (unsuffixed group) can not be specified in `same_subtree` ")
            : subtrees;
    }

    private static void CheckSubtrees(RequestGroup[] groups, string[] inSubtrees)
    {
        string[] empty = [.. groups.Where(static group => group.Resources.Count == 0).Select(static group => group.Suffix)];
        if (empty.Length == groups.Length)
        {
            throw Fault.BadRequest("placement.query.missing_value",
                "There must be at least one resources or resources[$S] parameter.");
        }

        if (empty.Except(inSubtrees).ToArray() is { Length: > 0 } alone)
        {
            throw Fault.BadRequest("placement.query.bad_value", "Resourceless suffixed group request should be specified in `same_subtree` "
                + $"query param: bad group(s) - {List(alone)}.");
        }

        string[] suffixes = [.. groups.Select(static group => group.Suffix)];
        if (inSubtrees.Except(suffixes).ToArray() is { Length: > 0 } unreal)
        {
            throw Fault.BadRequest("placement.query.bad_value",
                $"Real suffixes should be specified in `same_subtree`: {List(unreal)} not found in {List(suffixes)}.");
        }
    }

    private static void CheckOrphans(RequestGroup[] groups)
    {
        Orphans("traits", "required", static group => group.RequiredAnyOf.Count > 0);
        Orphans("member_of", "member_of", static group => group.MemberOfAnyOf.Count + group.NotMemberOf.Count > 0);
        if (groups.Any(static group => group.Resources.Count == 0))
            throw Fault.BadRequest("All request groups must specify resources.");
        if (groups.Length == 0)
            throw Fault.BadRequest("At least one request group (`resources` or `resources{$S}`) is required.");

        void Orphans(string what, string prefix, Func<RequestGroup, bool> has)
        {
            string[] orphans = [.. groups.Where(group => group.Resources.Count == 0 && has(group)).Select(group => prefix + group.Suffix)];
            if (orphans.Length > 0)
            {
                throw Fault.BadRequest(what == "traits"
                    ? $"All traits parameters must be associated with resources.  Found the following orphaned traits keys: {Join(orphans)}"
                    : "All member_of parameters must be associated with resources. Found the following orphaned member_of keys: "
                        + Join(orphans));
            }
        }
    }

    private static void CheckConflicts(RequestGroup[] groups)
    {
        string[] conflicts =
        [
            .. groups.SelectMany(static group => group.RequiredAnyOf.Where(any => any.All(group.Forbidden.Contains)),
                static (group, any) => $"required{group.Suffix}: ({Join(any.Order(StringComparer.Ordinal))})")
                .Order(StringComparer.Ordinal),
        ];
        if (conflicts.Length > 0)
        {
            throw Fault.BadRequest("Conflicting required and forbidden traits found in the following traits keys: " + Join(conflicts));
        }
    }

    private static string Join(IEnumerable<string> texts) => string.Join(", ", texts);

    private static string List(IEnumerable<string> texts) => $"[{Join(texts.Select(PythonRepr.Of))}]";

    [GeneratedRegex("^[1-9][0-9]*$")]
    private static partial Regex Positive();

    [GeneratedRegex("^[1-9][0-9]*$")]
    private static partial Regex NumberedSuffix();

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex NamedSuffix();
}
