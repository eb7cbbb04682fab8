using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Fabric.Hosting;

/// <summary>Options of the programs. Each can also be an environment variable: <c>FABRIC_</c> and the option's name, so that a secret need
/// not stand in a process list.</summary>
public static class Settings
{
    /// <summary>An option that is a text; required unless it has a default or stands in the environment.</summary>
    public static Option<string> Text(string name, string description, string? byDefault = null)
    {
        var required = byDefault is null && FromEnvironment(name) is null;
        var option = new Option<string>(name) { Description = Describe(name, description), Required = required };
        if (!option.Required)
            option.DefaultValueFactory = _ => FromEnvironment(name) ?? byDefault!;
        return option;
    }

    /// <summary>An option that is a whole number within bounds.</summary>
    public static Option<int> Number(string name, string description, int byDefault, int least, int most) => new(name)
    {
        Description = Describe(name, description),
        DefaultValueFactory = result => FromEnvironment(name) is { } text ? Parse(result, text, least, most) : byDefault,
        CustomParser = result => Parse(result, result.Tokens[0].Value, least, most),
    };

    /// <summary>What an option was set to, by whichever way.</summary>
    public static string Of(this ParseResult parsed, Option<string> option) => parsed.GetValue(option)!;

    /// <summary>The same; null for an empty text.</summary>
    public static string? OrNull(this ParseResult parsed, Option<string> option) =>
        parsed.GetValue(option) is { Length: > 0 } text ? text : null;

    private static int Parse(ArgumentResult result, string text, int least, int most)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        result.AddError($"'{text}' is not a number from {least} to {most}.");
        return least;
    }

    private static string Describe(string name, string description) => $"{description} [{Variable(name)}]";

    private static string? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(Variable(name)) is { Length: > 0 } text ? text : null;

    private static string Variable(string name) => "FABRIC_" + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();
}
