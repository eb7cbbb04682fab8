namespace Fabric.Gateway.Policy;

/// <summary>What an operator would like to be told about the rules.</summary>
internal static class PolicyReview
{
    /// <summary>Whether an operator's rule does something: it is the service's, now or by an old name, or another rule refers to
    /// it.</summary>
    internal static bool IsKnown(PolicyDefaults defaults, PolicyChoices choices, string name) =>
        defaults.ByName.ContainsKey(name)
        || name == "default"
        || defaults.Rules.Any(rule => rule.DeprecatedName == name)
        || choices.Rules.Values.Any(text => Mentions(text, "rule:" + name));

    /// <summary>Everything that is wrong with an operator's rules, and what they say for nothing.</summary>
    internal static IReadOnlyList<string> Problems(PolicyDefaults defaults, PolicyChoices choices)
    {
        var problems = choices.Rules.Keys.Where(name => !IsKnown(defaults, choices, name)).Select(
            static name => $"{name}: there is no such rule, and no other rule refers to it").ToList();
        PolicySet.Compile(defaults, choices, problems.Add);
        problems.AddRange(choices.Rules.Where(rule => IsRedundant(defaults, rule.Key, rule.Value)).Select(
            static rule => $"{rule.Key}: is what it would be without being written"));
        return problems;
    }

    /// <summary>A file to begin with: every rule as it is by default, commented out.</summary>
    internal static IEnumerable<string> Sample(PolicyDefaults defaults)
    {
        foreach (var rule in defaults.Rules.Where(static rule => !rule.IsPublic))
        {
            yield return "# " + rule.Description;
            foreach (var operation in rule.Operations)
                yield return "# " + operation;
            if (rule.Scopes != PolicyScopes.Any)
                yield return "# Intended scope(s): " + rule.Scopes.ToString().ToLowerInvariant();
            if (rule.Deprecated is { } old)
                yield return $"# Deprecated: {Quoted(rule.DeprecatedName ?? rule.Name)}: {Quoted(old)}";
            yield return $"#{Quoted(rule.Name)}: {Quoted(rule.Check)}";
            yield return "";
        }
    }

    /// <summary>Every rule as it is held to, those of an operator marked.</summary>
    internal static IEnumerable<string> Effective(PolicyDefaults defaults, PolicyChoices choices)
    {
        var set = PolicySet.Compile(defaults, choices, static _ => { });
        return set.Texts.OrderBy(static rule => rule.Key, StringComparer.Ordinal).Select(
            rule => $"{Quoted(rule.Key)}: {Quoted(rule.Value)}{(choices.Rules.ContainsKey(rule.Key) ? "  # overridden" : "")}");
    }

    private static bool IsRedundant(PolicyDefaults defaults, string name, PolicyText text) =>
        defaults.ByName.TryGetValue(name, out var rule)
        && PolicySet.TextOf(defaults, text) == PolicySet.TextOf(defaults, new(rule.Check));

    private static bool Mentions(PolicyText text, string check) =>
        text.Text?.Contains(check, StringComparison.Ordinal) ?? text.Lists!.Any(list => list.Contains(check));

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
