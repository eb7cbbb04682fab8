namespace Fabric.Grains.Kernel;

/// <summary>The right side of a check: text with <c>%(attribute)s</c> in it, which the target fills in.</summary>
internal sealed class PolicyTemplate
{
    private readonly string text;
    private readonly (string Text, bool IsAttribute)[] parts;

    private PolicyTemplate(string text, (string Text, bool IsAttribute)[] parts)
    {
        this.text = text;
        this.parts = parts;
        if (!Array.Exists(parts, static part => part.IsAttribute))
            Constant = string.Concat(parts.Select(static part => part.Text));
    }

    /// <summary>The text when no target changes it; else null.</summary>
    internal string? Constant { get; }

    /// <summary>Whether no target changes it.</summary>
    internal bool IsConstant => Constant is not null;

    /// <summary>Reads a template; null when it is none: only <c>%(name)s</c> and <c>%%</c> may follow a percent sign.</summary>
    internal static PolicyTemplate? Parse(string text)
    {
        var parts = new List<(string, bool)>();
        for (var at = 0; at < text.Length;)
        {
            var percent = text.IndexOf('%', at);
            if (percent < 0)
                percent = text.Length;
            if (percent > at)
                parts.Add((text[at..percent], false));
            if (percent == text.Length)
                break;
            if (text.AsSpan(percent).StartsWith("%%"))
            {
                parts.Add(("%", false));
                at = percent + 2;
                continue;
            }

            var end = text.IndexOf(")s", percent, StringComparison.Ordinal);
            if (!text.AsSpan(percent).StartsWith("%(") || end < 0)
                return null;
            parts.Add((text[(percent + 2)..end], true));
            at = end + 2;
        }

        return new(text, [.. parts]);
    }

    /// <summary>Whether it is this value once the target has filled it in; false when the target lacks an attribute.</summary>
    internal bool Is(string value, in PolicyTarget target, StringComparison comparison)
    {
        if (Constant is { } constant)
            return string.Equals(constant, value, comparison);
        var left = value.AsSpan();
        foreach (var (part, isAttribute) in parts)
        {
            var filled = part;
            if (isAttribute)
            {
                if (!target.TryGet(part, out var found))
                    return false;
                filled = found ?? "None";
            }

            if (!left.StartsWith(filled, comparison))
                return false;
            left = left[filled.Length..];
        }

        return left.IsEmpty;
    }

    public override string ToString() => text;
}
