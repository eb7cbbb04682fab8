using Orleans.Runtime;

namespace Orleans;

/// <summary>Identity and casts of grains and references.</summary>
public static class GrainExtensions
{
    /// <summary>A reference to this grain, fit to be passed on; a grain hands out this, never itself.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) where TGrainInterface : IAddressable =>
        ReferenceOf(grain).Cast<TGrainInterface>();

    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) where TGrainInterface : IAddressable =>
        ReferenceOf(grain).Cast<TGrainInterface>();

    public static object AsReference(this IAddressable grain, Type interfaceType) => Cast(grain, interfaceType);

    public static object Cast(this IAddressable grain, Type interfaceType)
    {
        var reference = ReferenceOf(grain);
        return reference.Host.Cast(reference, interfaceType);
    }

    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase instance => instance.GrainContext.GrainId,
        _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a reference to one.", nameof(grain)),
    };

    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    public static Guid GetPrimaryKey(this IAddressable grain) => grain.GetGrainId().GetGuidKey();

    public static Guid GetPrimaryKey(this IAddressable grain, out string? keyExt) => grain.GetGrainId().GetGuidKey(out keyExt);

    public static long GetPrimaryKeyLong(this IAddressable grain) => grain.GetGrainId().GetIntegerKey();

    public static long GetPrimaryKeyLong(this IAddressable grain, out string? keyExt) => grain.GetGrainId().GetIntegerKey(out keyExt);

    private static GrainReference ReferenceOf(IAddressable grain) => grain switch
    {
        GrainReference reference => reference,
        IGrainBase instance => instance.GrainContext.GrainReference,
        _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a reference to one.", nameof(grain)),
    };
}
