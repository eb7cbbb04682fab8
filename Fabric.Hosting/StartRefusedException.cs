namespace Fabric.Hosting;

/// <summary>The process can't start for a reason that whoever started it can remove; the message says it in one sentence.</summary>
public sealed class StartRefusedException(string message) : Exception(message);
