using System.Text.RegularExpressions;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Architecture;

/// <summary>What somebody gives to prove something is compared with what is right in a time that does not tell how much of it was
/// right.</summary>
public sealed partial class SecretComparisonTests
{
    /// <summary>Comparisons of what is stored with what was read of it before, which nobody outside gives; of names and of
    /// lengths.</summary>
    private static readonly string[] Allowed =
    [
        "Current?.Secret == expected",
        "Existing().Secret == expected",
        "Existing().Password != expected",
        "Secret.KeyHash != key",
        "digest == SignedXml.XmlDsigSHA1Url",
        "digest != SignedXml.XmlDsigSHA1Url",
        "digest != disk.ImageSha512",
        "Signature.Length == 0",
        "digest.Length != 128",
        "verifier.Length != VerifierLetters",
        "Scheme.Equals(\"digest\"",
    ];

    [Fact]
    public void Secrets_are_compared_in_constant_time() => Assert.Empty(
        from project in (string[])["Engine", "Hosting", "Grains", "Gateway", "NodeAgent", "Silo"]
        from file in Directory.EnumerateFiles(Path.Combine(Machine.Repository, "Fabric." + project), "*.cs", SearchOption.AllDirectories)
        from complaint in Complaints(File.ReadAllLines(file))
        select $"{Path.GetFileName(file)}: {complaint}");

    [Fact]
    public void It_sees_what_it_looks_for_and_constant_time_is_used_at_all()
    {
        string[] careless =
        [
            "if (secret == given)", "return given != right.Signature;", "if (password.Equals(given, StringComparison.Ordinal))",
            "if (bytes.SequenceEqual(digest))", "string.Equals(passcode, expected)", "if (given == verifierHash)",
        ];
        Assert.Equal(careless, Complaints(careless));
        string[] careful = ["if (secret == null)", "if (password == \"\")", "FixedTimeEquals(digest, given)", "// secret == given"];
        Assert.Empty(Complaints(careful));
        var users = Directory.EnumerateFiles(Machine.Repository, "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/Fabric.Tests/", StringComparison.Ordinal))
            .Count(static file => File.ReadAllText(file).Contains("CryptographicOperations.FixedTimeEquals(", StringComparison.Ordinal));
        Assert.True(users >= 6, $"only {users} files compare in constant time");
    }

    private static IEnumerable<string> Complaints(IEnumerable<string> lines) =>
        lines.Select(static line => line.Trim()).Where(static line => !line.StartsWith("//", StringComparison.Ordinal)
            && (Operator().IsMatch(line) || Method().IsMatch(line)) && !Array.Exists(Allowed, line.Contains));

    private const string Word = @"\b\w*(secret|password|passcode|signature|verifier|digest|hmac)\w*";

    [GeneratedRegex($@"{Word}(\(\))?(\.\w+)?\s*(==|!=)(?!\s*(null\b|""""))|(==|!=)\s*([\w.]+\.)?{Word}", RegexOptions.IgnoreCase)]
    private static partial Regex Operator();

    [GeneratedRegex(
        $@"{Word}(\.\w+)?\.(Equals|SequenceEqual)\(|(?<!FixedTime)\b(Equals|SequenceEqual)\([^)]*{Word}", RegexOptions.IgnoreCase)]
    private static partial Regex Method();
}
