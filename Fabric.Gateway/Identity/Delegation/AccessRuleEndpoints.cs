using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity.Delegation;

/// <summary><c>/users/{user_id}/access_rules</c>. They are made with the application credentials that refer to them.</summary>
internal static class AccessRuleEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        call.Require(call.Route.Policy, DelegationTargets.OwnedBy(new(call.Path("user_id"))));
        await AppCredentialEndpoints.RequireNotLent(call);
        var found = await call.Get<IdentityIndex>().AccessRulesOf(new(call.Path("user_id")), call.Aborted);
        return IdentityReplies.List(call, "access_rules",
            found.Select(rule => Body(rule.Rule, call)).Filter(call, "service", "path", "method"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("access_rule", Body((await Find(call)).Rule, call));

    internal static async Task<IResult> Delete(Call call)
    {
        var rule = await Find(call);
        var used = new ResourceQuery(IdentityKinds.AppCredential).WithRef(AppCredentialState.RuleRef, rule.Rule.Id);
        if (await call.Get<IResourceIndex>().Count(used, call.Aborted) > 0)
            throw new Fault(FaultKind.Forbidden, "ForbiddenNotSecurity", "May not delete access rule in use");
        await call.Grains.GetGrain<IAccessRuleGrain>(rule.Rule.Id).Delete();
        return Reply.Empty();
    }

    /// <summary>The rules of a new application credential: those that the user has are taken, the others made. Null when none are
    /// asked for.</summary>
    internal static async Task<IReadOnlyList<AccessRule>?> Make(Call call, UserId user)
    {
        if (!call.Body.GetProperty("application_credential").TryGetProperty("access_rules", out var list) || list.GetArrayLength() == 0)
            return null;
        var rules = new List<AccessRule>();
        foreach (var asked in list.EnumerateArray())
            rules.Add(await Make(call, user, asked));
        return rules.DistinctBy(static rule => rule.Id).Count() == rules.Count ? rules : throw IdentityFaults.Duplicate(
            "application_credential", $"Duplicate entry found with name {IdentityBody.Of(call, "application_credential").Text("name")}");
    }

    private static async Task<AccessRule> Make(Call call, UserId user, JsonElement asked)
    {
        var index = call.Get<IdentityIndex>();
        var id = asked.TryGetProperty("id", out var named) ? named.GetString() : null;
        if (id is not null && await index.FindAccessRule(id, call.Aborted) is { } known)
            return known.UserId == user ? known.Rule : throw IdentityFaults.NotFound("Access Rule", id);
        var parts = new string[3];
        foreach (var (name, at) in (ReadOnlySpan<(string, int)>)[("service", 0), ("method", 1), ("path", 2)])
        {
            if (!asked.TryGetProperty(name, out var value))
                throw id is null ? IdentityFaults.Missing(name, "access rule") : IdentityFaults.NotFound("Access Rule", id);
            parts[at] = value.GetString()!;
        }

        if (await index.FindAccessRule(user, parts[0], parts[1], parts[2], call.Aborted) is { } same)
            return same.Rule;
        var rule = new AccessRule(id ?? ResourceIdText.NewHex(), parts[0], parts[1], parts[2]);
        try
        {
            return (await call.Grains.GetGrain<IAccessRuleGrain>(rule.Id).Create(new() { Rule = rule, UserId = user })).Rule;
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Conflict)
        {
            // Made at the same time by another request of the user's.
            if (await index.FindAccessRule(user, parts[0], parts[1], parts[2], call.Aborted) is { } made)
                return made.Rule;
            throw;
        }
    }

    private static async Task<AccessRuleState> Find(Call call)
    {
        var id = call.Path("access_rule_id");
        var user = new UserId(call.Path("user_id"));
        call.Require(call.Route.Policy, DelegationTargets.OwnedBy(user));
        await AppCredentialEndpoints.RequireNotLent(call);
        return await call.Get<IdentityIndex>().FindAccessRule(id, call.Aborted) is { } rule && rule.UserId == user
            ? rule
            : throw IdentityFaults.NotFound("Access Rule", id);
    }

    private static Dictionary<string, object?> Body(AccessRule rule, Call call) => new()
    {
        ["id"] = rule.Id,
        ["service"] = rule.Service,
        ["path"] = rule.Path,
        ["method"] = rule.Method,
        ["links"] = IdentityReplies.SelfLink(call, "access_rules", rule.Id),
    };
}
