namespace Fabric.Grains.Storage;

/// <summary>The right of a process to write for its cluster. A write that reaches the database after its end is refused there: by then
/// others may have read that it was not done, and act on it. What is stored already its etag guards; a record that is not there yet has
/// none.</summary>
/// <param name="Life">In which life of the process: what was to be written in another is not written any more.</param>
/// <param name="Until">When it ends unless it is prolonged, on the clock of the database; null: never.</param>
public readonly record struct WritePermit(int Life, DateTimeOffset? Until);
