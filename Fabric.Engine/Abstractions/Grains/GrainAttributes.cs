using System.Globalization;
using Orleans.Runtime;

namespace Orleans
{
    /// <summary>The stable name of a grain class; part of every id of its grains.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class GrainTypeAttribute : Attribute
    {
        private readonly string _grainType;

        public GrainTypeAttribute(string grainType) => _grainType = grainType;

        public GrainType GetGrainType(IServiceProvider services, Type type) => GrainType.Create(_grainType);
    }

    /// <summary>Idle collection leaves these grains alone.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class KeepAliveAttribute : Attribute;

    /// <summary>After which idle time activations of this class are collected.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CollectionAgeLimitAttribute : Attribute
    {
        public CollectionAgeLimitAttribute()
        {
        }

        public CollectionAgeLimitAttribute(string? ageLimit = default) =>
            Amount = ageLimit is null ? TimeSpan.Zero : TimeSpan.Parse(ageLimit, CultureInfo.InvariantCulture);

        public double Days { get; init; }

        public double Hours { get; init; }

        public double Minutes { get; init; }

        public bool AlwaysActive { get; init; }

        public TimeSpan AgeLimit => AlwaysActive
            ? TimeSpan.MaxValue
            : Amount + TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);

        private TimeSpan Amount { get; }
    }
}

namespace Orleans.Metadata
{
    /// <summary>Which grain class an interface means when several implement it.</summary>
    [AttributeUsage(AttributeTargets.Interface)]
    public sealed class DefaultGrainTypeAttribute : Attribute
    {
        public DefaultGrainTypeAttribute(string grainType) => GrainType = grainType;

        internal string GrainType { get; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>The stable name of a grain interface.</summary>
    [AttributeUsage(AttributeTargets.Interface)]
    public sealed class GrainInterfaceTypeAttribute : Attribute
    {
        private readonly string _value;

        public GrainInterfaceTypeAttribute(string value) => _value = value;

        public GrainInterfaceType GetGrainInterfaceType(IServiceProvider services, Type type) => GrainInterfaceType.Create(_value);
    }
}

namespace Orleans.Providers
{
    /// <summary>Names of providers.</summary>
    public static class ProviderConstants
    {
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }

    /// <summary>Which storage provider keeps the state of a Grain&lt;T&gt;.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StorageProviderAttribute : Attribute
    {
        public string ProviderName { get; set; } = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
    }
}
