namespace Orleans.Diagnostics;

/// <summary>The names under which the engine's spans can be collected.</summary>
public static class ActivitySources
{
    public const string ApplicationGrainActivitySourceName = "Microsoft.Orleans.Application";
    public const string RuntimeActivitySourceName = "Microsoft.Orleans.Runtime";
    public const string LifecycleActivitySourceName = "Microsoft.Orleans.Lifecycle";
    public const string StorageActivitySourceName = "Microsoft.Orleans.Storage";
    public const string AllActivitySourceName = "Microsoft.Orleans.*";
}
