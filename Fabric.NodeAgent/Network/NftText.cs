using System.Text;

namespace Fabric.NodeAgent.Network;

/// <summary>Writes nft's language, and others of its shape: one statement per line, braces indented.</summary>
internal sealed class NftText
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Replaces a table as a whole within the transaction: naming it first makes deleting it right when it was not
    /// there.</summary>
    internal NftText ReplaceTable(string family, string name, Action body)
    {
        Line($"table {family} {name}").Line($"delete table {family} {name}");
        return Block($"table {family} {name}", body);
    }

    internal NftText Block(string head, Action body, string end = "}")
    {
        Line(head + " {");
        _depth++;
        body();
        _depth--;
        return Line(end);
    }

    internal NftText Line(string text)
    {
        _text.Append(' ', _depth * 2).Append(text).Append('\n');
        return this;
    }

    /// <summary>A map or set with its elements; nothing else may say <c>elements = { }</c>, which nft refuses.</summary>
    internal NftText Elements(string head, string type, IEnumerable<string> elements)
    {
        var all = string.Join(", ", elements);
        return Block(head, () =>
        {
            Line($"type {type}");
            if (all.Length > 0)
                Line($"elements = {{ {all} }}");
        });
    }

    public override string ToString() => _text.ToString();
}
