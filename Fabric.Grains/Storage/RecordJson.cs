using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fabric.Grains.Storage;

/// <summary>
/// The one form in which records are kept as JSON: names as in C#, enums and ids as text, nothing for null. What a record computes (a
/// property that can't be set) and its events are left out: the first is made again, the second leave through the outbox.
/// </summary>
public static class RecordJson
{
    /// <summary>Shared by all that read or write records; building options is expensive, and they cache what they learn of each
    /// type.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            // The documents never reach a browser as they are; readable names in the database are worth more than HTML safety.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter() },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutWhatIsComputed } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOutWhatIsComputed(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        var parameters = type.Type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .SelectMany(constructor => constructor.GetParameters(), (_, parameter) => parameter.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            var property = type.Properties[i];
            var computed = property.Set is null && !parameters.Contains(property.Name);
            if (computed || property.PropertyType == typeof(IReadOnlyList<ResourceEvent>))
                type.Properties.RemoveAt(i);
        }
    }
}
