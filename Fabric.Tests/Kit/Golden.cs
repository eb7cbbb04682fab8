using System.Runtime.CompilerServices;

namespace Fabric.Tests.Kit;

/// <summary>Compares a text with a file that was read and agreed to. <c>./fabric golden</c> (<c>FABRIC_GOLDEN=write</c>) writes the files
/// anew; whoever does so reads the difference.</summary>
internal static class Golden
{
    /// <summary>Holds the text against <c>Golden/NAME</c> beside the test's own source file.</summary>
    internal static void Match(string name, string actual, [CallerFilePath] string source = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(source)!, "Golden", name);
        if (Environment.GetEnvironmentVariable("FABRIC_GOLDEN") == "write")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"There is no golden file {path}; './fabric golden' writes it.");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
