using System.Text.RegularExpressions;

namespace Fabric.Grains.Kernel;

/// <summary>What is asked of a check: may this caller do it to this target?</summary>
/// <param name="Caller">Who.</param>
/// <param name="Target">To what.</param>
/// <param name="Negated">Below an odd number of <c>not</c>: there, for an unknown target, a check that may fail fails, so that the whole
/// holds when it can.</param>
internal readonly record struct PolicyQuestion(Caller Caller, PolicyTarget Target, bool Negated = false);

/// <summary>What a check says.</summary>
internal enum Verdict : byte
{
    No,
    Yes,

    /// <summary>It cannot be worked out, so its opposite cannot either: oslo.policy fails such a request. A check beside it that decides
    /// before it is reached still counts.</summary>
    Broken,
}

/// <summary>One compiled check. <see cref="object.ToString"/> is its text as oslo.policy spells it: by it two are compared.</summary>
internal abstract class PolicyNode
{
    internal abstract Verdict Judge(in PolicyQuestion question);

    /// <summary>The checks it is made of.</summary>
    internal virtual IReadOnlyList<PolicyNode> Parts => [];

    internal bool Holds(in PolicyQuestion question) => Judge(question) == Verdict.Yes;
}

/// <summary>A check that is not made of others.</summary>
internal abstract class PolicyLeaf : PolicyNode
{
    protected abstract bool IsTrue(in PolicyQuestion question);

    internal sealed override Verdict Judge(in PolicyQuestion question) => IsTrue(question) ? Verdict.Yes : Verdict.No;
}

/// <summary><c>@</c> and <c>!</c></summary>
internal sealed class ConstantNode(bool holds) : PolicyLeaf
{
    internal static readonly ConstantNode Yes = new(true);
    internal static readonly ConstantNode No = new(false);

    protected override bool IsTrue(in PolicyQuestion question) => holds;

    public override string ToString() => holds ? "@" : "!";
}

/// <summary>A check that makes no sense.</summary>
internal sealed class BrokenNode(string text) : PolicyNode
{
    internal override Verdict Judge(in PolicyQuestion question) => Verdict.Broken;

    public override string ToString() => text;
}

/// <summary><c>not</c></summary>
internal sealed class NotNode(PolicyNode inner) : PolicyNode
{
    internal override IReadOnlyList<PolicyNode> Parts { get; } = [inner];

    internal override Verdict Judge(in PolicyQuestion question) => inner.Judge(question with { Negated = !question.Negated }) switch
    {
        Verdict.Yes => Verdict.No,
        Verdict.No => Verdict.Yes,
        _ => Verdict.Broken,
    };

    public override string ToString() => $"not {inner}";
}

/// <summary><c>and</c></summary>
internal sealed class AllNode(PolicyNode[] parts) : PolicyNode
{
    internal override IReadOnlyList<PolicyNode> Parts => parts;

    internal override Verdict Judge(in PolicyQuestion question)
    {
        foreach (var part in parts)
        {
            if (part.Judge(question) is var verdict and not Verdict.Yes)
                return verdict;
        }

        return Verdict.Yes;
    }

    public override string ToString() => $"({string.Join(" and ", (IEnumerable<PolicyNode>)parts)})";
}

/// <summary><c>or</c></summary>
internal sealed class AnyNode(PolicyNode[] parts) : PolicyNode
{
    internal override IReadOnlyList<PolicyNode> Parts => parts;

    internal override Verdict Judge(in PolicyQuestion question)
    {
        foreach (var part in parts)
        {
            if (part.Judge(question) is var verdict and not Verdict.No)
                return verdict;
        }

        return Verdict.No;
    }

    public override string ToString() => $"({string.Join(" or ", (IEnumerable<PolicyNode>)parts)})";
}

/// <summary><c>rule:name</c>. Who compiles the rules says what the name stands for; until then, and for a name that stands for nothing, it
/// holds for nobody.</summary>
internal sealed class RuleNode(string name) : PolicyNode
{
    internal string Name => name;

    internal PolicyNode Meaning { get; set; } = ConstantNode.No;

    internal override Verdict Judge(in PolicyQuestion question) => Meaning.Judge(question);

    public override string ToString() => $"rule:{name}";
}

/// <summary><c>role:name</c>, in any case.</summary>
internal sealed class RoleNode(PolicyTemplate name) : PolicyLeaf
{
    protected override bool IsTrue(in PolicyQuestion question)
    {
        if (name.Constant is { } constant)
            return question.Caller.HasRole(constant);
        if (question.Target.IsUnknown)
            return !question.Negated;
        foreach (var role in question.Caller.Roles)
        {
            if (name.Is(role, question.Target, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    public override string ToString() => $"role:{name}";
}

/// <summary><c>roles:name</c>: the list of roles as a fact like another, in its own case.</summary>
internal sealed class RolesNode(PolicyTemplate name) : PolicyLeaf
{
    protected override bool IsTrue(in PolicyQuestion question)
    {
        if (!name.IsConstant && question.Target.IsUnknown)
            return !question.Negated;
        foreach (var role in question.Caller.Roles)
        {
            if (name.Is(role, question.Target, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    public override string ToString() => $"roles:{name}";
}

/// <summary><c>fact:%(attribute)s</c>: a fact about the caller is what the target has.</summary>
internal sealed class CredentialNode(string kind, CredentialReader? reader, PolicyTemplate match) : PolicyLeaf
{
    protected override bool IsTrue(in PolicyQuestion question)
    {
        if (reader is null || !reader(question.Caller, out var value))
            return false;
        if (!match.IsConstant && question.Target.IsUnknown)
            return value is not null && !question.Negated;
        return match.Is(value ?? "None", question.Target, StringComparison.Ordinal);
    }

    public override string ToString() => $"{kind}:{match}";
}

/// <summary><c>'text':%(attribute)s</c>: the target has this very value.</summary>
internal sealed class LiteralNode(string kind, string literal, PolicyTemplate match) : PolicyLeaf
{
    protected override bool IsTrue(in PolicyQuestion question) => !match.IsConstant && question.Target.IsUnknown
        ? !question.Negated
        : match.Is(literal, question.Target, StringComparison.Ordinal);

    public override string ToString() => $"{kind}:{match}";
}

/// <summary>Nova's <c>is_admin:True</c>: whether the caller is an admin by the rule <c>context_is_admin</c>.</summary>
internal sealed class IsAdminNode(bool expected) : PolicyLeaf
{
    protected override bool IsTrue(in PolicyQuestion question) => question.Caller.IsAdmin == expected;

    public override string ToString() => expected ? "is_admin:True" : "is_admin:False";
}

/// <summary>Neutron's <c>field:networks:shared=True</c> and <c>field:port:device_owner=~^network:</c>.</summary>
internal sealed class FieldNode(string resource, string field, string value) : PolicyLeaf
{
    // The pattern is an operator's: one that backtracks could take as long as a caller likes.
    private readonly Regex? pattern = value.StartsWith('~')
        ? new(@"\A(?:" + value[1..] + ")", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)
        : null;

    protected override bool IsTrue(in PolicyQuestion question)
    {
        if (question.Target.IsUnknown)
            return !question.Negated;
        if (!question.Target.TryGet(field, out var has) || has is null)
            return false;
        return pattern is null ? has == value : pattern.IsMatch(has);
    }

    public override string ToString() => $"field:{resource}:{field}:{value}";
}
