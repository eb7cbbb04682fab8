namespace Fabric.Tests.Kit;

/// <summary>A folder of a test's own, gone after it. Its path is short, for the unix sockets that will live in it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("fabric-").FullName;

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
