namespace Fabric.Grains.Kernel;

/// <summary>Lays an operator's rules over a service's, and gives every <c>rule:name</c> its meaning.</summary>
internal sealed class PolicyCompiler(PolicyDefaults defaults, PolicyChoices choices, Action<string> complain)
{
    /// <summary>The rule that stands for those there are none of.</summary>
    private const string Fallback = "default";

    private readonly Dictionary<string, PolicyNode> rules = new(StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, PolicyNode> Compile()
    {
        foreach (var (name, text) in choices.Rules)
            rules[name] = Parse(name, text);
        foreach (var rule in defaults.Rules)
        {
            if (!rule.IsPublic && !rules.ContainsKey(rule.Name))
                rules[rule.Name] = OfDefault(rule);
        }

        foreach (var (name, node) in rules)
            Link(name, node, tell: true);
        foreach (var name in rules.Keys.Where(name => IsCyclic(rules[name], [name])).ToList())
        {
            complain($"{name} refers to itself");
            rules[name] = ConstantNode.No;
        }

        // What a cyclic rule stood for in others goes with it.
        foreach (var (name, node) in rules)
            Link(name, node, tell: false);
        return rules;
    }

    private PolicyNode OfDefault(PolicyRule rule)
    {
        var check = Parse(rule.Name, new(rule.Check));
        if (rule.DeprecatedName is { } old && old != rule.Name && choices.Rules.ContainsKey(old)
            && rules[old].ToString() != "rule:" + rule.Name)
        {
            complain($"{old} is deprecated: write {rule.Name}");
            return rules[old];
        }

        var counts = rule.KeepsDeprecated || !(choices.EnforceNewDefaults ?? defaults.EnforceNewDefaults);
        return rule.Deprecated is { } deprecated && deprecated != rule.Check && counts
            ? new AnyNode([check, Parse(rule.Name, new(deprecated))])
            : check;
    }

    private PolicyNode Parse(string name, PolicyText text)
    {
        void Complain(string what) => complain($"{name}: {what}");
        return text.Lists is { } lists
            ? PolicyParser.Parse(lists, defaults.Dialect, Complain)
            : PolicyParser.Parse(text.Text ?? "", defaults.Dialect, Complain);
    }

    private void Link(string name, PolicyNode node, bool tell)
    {
        if (node is RuleNode reference)
        {
            if (MeaningOf(reference) is { } meaning)
                reference.Meaning = rules[meaning];
            else if (tell)
                complain($"{name} refers to {reference.Name}, which is no rule");
        }

        foreach (var part in node.Parts)
            Link(name, part, tell);
    }

    private string? MeaningOf(RuleNode reference) =>
        rules.ContainsKey(reference.Name) ? reference.Name : rules.ContainsKey(Fallback) ? Fallback : null;

    // A rule that is on no cycle but leads into one counts too: what it says cannot be worked out either.
    private bool IsCyclic(PolicyNode node, HashSet<string> above)
    {
        if (node is not RuleNode reference)
            return node.Parts.Any(part => IsCyclic(part, above));
        if (MeaningOf(reference) is not { } meaning)
            return false;
        if (!above.Add(meaning))
            return true;
        var cyclic = IsCyclic(rules[meaning], above);
        above.Remove(meaning);
        return cyclic;
    }
}
