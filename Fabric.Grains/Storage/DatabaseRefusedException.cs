namespace Fabric.Grains.Storage;

/// <summary>The database cannot be used, for a reason that whoever started the process can remove; the message says it in one sentence, and
/// holds no secret.</summary>
public sealed class DatabaseRefusedException(string message, Exception? cause = null) : Exception(message, cause);
