using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity;

/// <summary><c>/domains/{id}/config</c> and <c>/domains/config</c></summary>
internal static class DomainConfigEndpoints
{
    private const string Compliance = "security_compliance";

    internal static async Task<IResult> Put(Call call)
    {
        var domain = await Domain(call);
        var fresh = await call.Grains.GetGrain<IDomainConfigGrain>(domain.Text).Set(new(Valid(Config(call))));
        return Answer(await Shown(call, domain.Text), fresh ? 201 : 200);
    }

    /// <summary>What passwords must be like, everybody may read; the rest is the administrators'.</summary>
    internal static async Task<IResult> Show(Call call)
    {
        var (group, option) = Asked(call);
        if (group == Compliance)
            return ShowCompliance(call, option);
        call.Require(IdentityPolicies.GetDomainConfig);
        // A domain that is not there has no configuration: that is all that Keystone says of it here.
        var domain = call.Path("domain_id");
        DomainConfigOptions.Require(group, option);
        var shown = await Shown(call, domain);
        if (group is null)
            return shown.Count > 0 ? Answer(shown) : throw DomainConfigOptions.NotFound(domain, null, null);
        if (!shown.TryGetValue(group, out var options) || (option is not null && !options.ContainsKey(option)))
            throw DomainConfigOptions.NotFound(domain, group, option);
        return option is null
            ? Answer(new Dictionary<string, object> { [group] = options })
            : Answer(new Dictionary<string, object> { [option] = options[option] });
    }

    internal static async Task<IResult> Update(Call call)
    {
        var domain = await Domain(call);
        var (group, option) = Asked(call);
        // For one option the body has the option alone.
        var config = group is not null && option is not null
            ? JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement?> { [group] = Given(call) })
            : Config(call);
        var groups = Valid(config);
        DomainConfigOptions.Require(group, option);
        if (group is not null)
            RequireThat(config, group, option);
        await call.Grains.GetGrain<IDomainConfigGrain>(domain.Text).Merge(new(groups), group, option);
        return Answer(await Shown(call, domain.Text));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var domain = await Domain(call);
        var (group, option) = Asked(call);
        DomainConfigOptions.Require(group, option);
        await call.Grains.GetGrain<IDomainConfigGrain>(domain.Text).Remove(group, option);
        return Reply.Empty();
    }

    internal static Task<IResult> Default(Call call)
    {
        var (group, option) = Asked(call);
        DomainConfigOptions.Require(group, option);
        if (group is null)
            return Task.FromResult(Answer(DomainConfigOptions.Defaults));
        var options = DomainConfigOptions.Defaults[group];
        if (option is null)
            return Task.FromResult(Answer(new Dictionary<string, object> { [group] = options }));
        return options.TryGetValue(option, out var value)
            ? Task.FromResult(Answer(new Dictionary<string, object?> { [option] = value }))
            : throw DomainConfigOptions.Invalid($"Reading the default for option {option} in group {group} is not supported");
    }

    private static IResult ShowCompliance(Call call, string? option)
    {
        if (call.Path("domain_id") != UserDomainState.Default.Text)
        {
            throw DomainConfigOptions.Invalid("Reading security compliance information for any domain other than the default domain is "
                + "not allowed or supported.");
        }

        var rules = call.Get<IOptions<IdentityOptions>>().Value.SecurityCompliance;
        var readable = new Dictionary<string, object?>
        {
            ["password_regex"] = rules.PasswordRegex,
            ["password_regex_description"] = rules.PasswordRegexDescription,
        };
        if (option is null)
            return Answer(new Dictionary<string, object> { [Compliance] = readable });
        return readable.TryGetValue(option, out var value)
            ? Answer(new Dictionary<string, object?> { [option] = value })
            : throw DomainConfigOptions.Invalid(
                "Reading security compliance values other than password_regex and password_regex_description is not allowed.");
    }

    private static async Task<UserDomainId> Domain(Call call)
    {
        var id = call.Path("domain_id");
        return (await call.Get<IdentityIndex>().FindDomain(id, call.Aborted) ?? throw IdentityFaults.NotFound("domain", id)).Id;
    }

    private static async Task<Dictionary<string, Dictionary<string, JsonElement>>> Shown(Call call, string domain) =>
        (await call.Get<IResourceIndex>().Find<DomainConfigState>(IdentityKinds.DomainConfig, domain, call.Aborted))?.Shown() ?? [];

    private static (string? Group, string? Option) Asked(Call call) =>
        (call.Http.Request.RouteValues["group"] as string, call.Http.Request.RouteValues["option"] as string);

    private static JsonElement? Given(Call call) => call.Body.ValueKind == JsonValueKind.Object
        && call.Body.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object ? config : null;

    private static JsonElement Config(Call call) => Given(call) is { } config && config.EnumerateObject().Any()
        ? config
        : throw DomainConfigOptions.Invalid("No options specified");

    // The text of a configuration whose every setting may be made.
    private static string Valid(JsonElement config)
    {
        foreach (var group in config.EnumerateObject())
        {
            if (group.Value.ValueKind != JsonValueKind.Object || !group.Value.EnumerateObject().Any())
            {
                throw DomainConfigOptions.Invalid(
                    $"The value of group {group.Name} specified in the config should be a dictionary of options");
            }

            foreach (var option in group.Value.EnumerateObject())
                DomainConfigOptions.Require(group.Name, option.Name);
        }

        return config.GetRawText();
    }

    // A request about one group, or one option of it, speaks of nothing else.
    private static void RequireThat(JsonElement config, string group, string? option)
    {
        var groups = config.EnumerateObject().ToList();
        var options = groups[0].Value.EnumerateObject().ToList();
        if (groups.Count != 1 || (option is not null && options.Count != 1))
        {
            throw DomainConfigOptions.Invalid(option is null
                ? $"Trying to update group {group}, so that, and only that, group must be specified in the config"
                : $"Trying to update option {option} in group {group}, so that, and only that, option must be specified  in the config");
        }

        if (groups[0].Name != group)
        {
            throw DomainConfigOptions.Invalid(
                $"request to update group {group}, but config provided contains group {groups[0].Name} instead");
        }

        if (option is not null && options[0].Name != option)
        {
            throw DomainConfigOptions.Invalid($"Trying to update option {option} in group {group}, but config provided contains option "
                + $"{options[0].Name} instead");
        }
    }

    private static IResult Answer(object config, int status = 200) => Reply.Json(new { config }, status);
}
