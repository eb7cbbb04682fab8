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
        foreach (var name in rules.Keys.Where(name => LeadsTo(name, rules[name], [])).ToList())
        {
            complain($"{name} refers to itself");
            rules[name] = new BrokenNode(rules[name].ToString()!);
        }

        // What such a rule stood for in others goes with it.
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

    internal static PolicyNode Parse(PolicyDefaults defaults, PolicyText text, Action<string> complain) => text.Lists is { } lists
        ? PolicyParser.Parse(lists, defaults.Dialect, complain)
        : PolicyParser.Parse(text.Text ?? "", defaults.Dialect, complain);

    private PolicyNode Parse(string name, PolicyText text) => Parse(defaults, text, what => complain($"{name}: {what}"));

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

    private bool LeadsTo(string name, PolicyNode node, HashSet<string> seen)
    {
        if (node is not RuleNode reference)
            return node.Parts.Any(part => LeadsTo(name, part, seen));
        return MeaningOf(reference) is { } meaning
            && (meaning == name || (seen.Add(meaning) && LeadsTo(name, rules[meaning], seen)));
    }
}
