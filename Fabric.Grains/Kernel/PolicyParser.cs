using System.Globalization;

namespace Fabric.Grains.Kernel;

/// <summary>Which words a service's rules may use besides those of oslo.policy itself.</summary>
public enum PolicyDialect
{
    /// <summary>None.</summary>
    Plain,

    /// <summary><c>token.…</c></summary>
    Keystone,

    /// <summary><c>is_admin:True</c></summary>
    Nova,

    /// <summary><c>tenant_id:%(network:tenant_id)s</c>, <c>field:networks:shared=True</c></summary>
    Neutron,
}

/// <summary>
/// Reads oslo.policy's language. <c>not</c> binds closest, then <c>and</c>, then <c>or</c>; words are divided by blanks, and brackets
/// stand at a word's ends. What cannot be read holds for nobody, and is complained of: a check alone (<c>admin or role:x</c> is still
/// <c>role:x</c>), or the whole text when it is the words between the checks that make no sense.
/// </summary>
internal sealed class PolicyParser
{
    private readonly PolicyDialect dialect;
    private readonly Action<string> complain;
    private readonly List<(Word Kind, string Text)> words = [];
    private int at;

    private PolicyParser(PolicyDialect dialect, Action<string> complain)
    {
        this.dialect = dialect;
        this.complain = complain;
    }

    private enum Word
    {
        Open,
        Close,
        And,
        Or,
        Not,
        Check,

        /// <summary>Quoted text, which the language has a word for and no use.</summary>
        Text,
        End,
    }

    /// <summary>Reads a rule's text. An empty one holds for everybody.</summary>
    internal static PolicyNode Parse(string text, PolicyDialect dialect, Action<string> complain)
    {
        if (text.Length == 0)
            return ConstantNode.Yes;
        var parser = new PolicyParser(dialect, complain);
        parser.Split(text);
        if (parser.Either() is { } whole && parser.Next == Word.End)
            return whole;
        complain($"it cannot be read: {text}");
        return ConstantNode.No;
    }

    /// <summary>Reads the old form: lists of checks that must all hold, of which one must.</summary>
    internal static PolicyNode Parse(
        IReadOnlyList<IReadOnlyList<string>> lists, PolicyDialect dialect, Action<string> complain)
    {
        if (lists.Count == 0)
            return ConstantNode.Yes;
        var parser = new PolicyParser(dialect, complain);
        var some = lists.Where(static list => list.Count > 0).Select(list => Joined(
            [.. list.Select(parser.One)], static parts => new AllNode(parts))).ToArray();
        return some.Length == 0 ? ConstantNode.No : Joined(some, static parts => new AnyNode(parts));
    }

    private Word Next => at < words.Count ? words[at].Kind : Word.End;

    private static PolicyNode Joined(PolicyNode[] parts, Func<PolicyNode[], PolicyNode> join) => parts.Length == 1 ? parts[0] : join(parts);

    private void Split(string text)
    {
        foreach (var token in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var opened = token.TrimStart('(');
            words.AddRange(Enumerable.Repeat((Word.Open, "("), token.Length - opened.Length));
            var clean = opened.TrimEnd(')');
            if (clean.Length > 0)
                words.Add((KindOf(clean, opened), clean));
            words.AddRange(Enumerable.Repeat((Word.Close, ")"), opened.Length - clean.Length));
        }
    }

    private static Word KindOf(string clean, string opened) => clean.ToLowerInvariant() switch
    {
        "and" => Word.And,
        "or" => Word.Or,
        "not" => Word.Not,
        _ => opened.Length >= 2 && opened[0] is '"' or '\'' && opened[^1] == opened[0] ? Word.Text : Word.Check,
    };

    private PolicyNode? Either() => Chain(Word.Or, Both, static parts => new AnyNode(parts));

    private PolicyNode? Both() => Chain(Word.And, Single, static parts => new AllNode(parts));

    private PolicyNode? Chain(Word between, Func<PolicyNode?> read, Func<PolicyNode[], PolicyNode> join)
    {
        var parts = new List<PolicyNode>();
        do
        {
            if (read() is not { } part)
                return null;
            parts.Add(part);
        }
        while (Take(between));

        return Joined([.. parts], join);
    }

    private PolicyNode? Single()
    {
        if (Take(Word.Not))
            return Single() is { } inner ? new NotNode(inner) : null;
        if (Take(Word.Open))
            return Either() is { } whole && Take(Word.Close) ? whole : null;
        return Next == Word.Check ? One(words[at++].Text) : null;
    }

    private bool Take(Word kind)
    {
        if (Next != kind)
            return false;
        at++;
        return true;
    }

    private PolicyNode One(string check)
    {
        if (check is "!" or "@")
            return check == "@" ? ConstantNode.Yes : ConstantNode.No;
        var colon = check.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            complain($"{check} is no check: it has no colon");
            return ConstantNode.No;
        }

        var (kind, right) = (check[..colon], check[(colon + 1)..]);
        if (kind == "rule")
            return new RuleNode(right);
        if (kind is "http" or "https")
            return Bad(check, "asks another server, which Fabric does not do");
        if (dialect == PolicyDialect.Nova && kind == "is_admin")
            return new IsAdminNode(string.Equals(right, "true", StringComparison.OrdinalIgnoreCase));
        if (dialect == PolicyDialect.Neutron && kind == "field")
            return Field(check, right);
        if (PolicyTemplate.Parse(right) is not { } match)
            return Bad(check, "has a percent sign that begins no %(name)s");
        return kind switch
        {
            "role" => new RoleNode(match),
            "roles" => new RolesNode(match),
            _ => Compare(check, kind, match),
        };
    }

    private PolicyNode Compare(string check, string kind, PolicyTemplate match)
    {
        if (kind is "None" or "True" or "False")
            return new LiteralNode(kind, kind, match);
        if (kind.Length >= 2 && kind[0] is '\'' or '"' && kind[^1] == kind[0]
            && kind.AsSpan(1, kind.Length - 2).IndexOfAny('\\', kind[0]) < 0)
            return new LiteralNode(kind, kind[1..^1], match);
        if (kind == "0" || (kind.Length > 0 && kind[0] is >= '1' and <= '9' && kind.All(char.IsAsciiDigit)))
            return new LiteralNode(kind, kind, match);
        if (kind.Length == 0 || !(char.IsLetter(kind[0]) || kind[0] == '_'))
            return Bad(check, "compares with neither a text nor a fact about the caller");
        return new CredentialNode(kind, PolicyCredentials.Find(dialect, kind), match);
    }

    private PolicyNode Field(string check, string right)
    {
        var colon = right.IndexOf(':', StringComparison.Ordinal);
        var equals = colon < 0 ? -1 : right.IndexOf('=', colon);
        if (equals < 0)
            return Bad(check, "is no field:resource:name=value");
        try
        {
            return new FieldNode(right[..colon], right[(colon + 1)..equals], right[(equals + 1)..]);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return Bad(check, string.Create(CultureInfo.InvariantCulture, $"has a bad pattern: {error.Message}"));
        }
    }

    private BrokenNode Bad(string check, string why)
    {
        complain($"{check} {why}");
        return new(check);
    }
}
