using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fabric.Grains.Kernel;

/// <summary>An id that is a type of its own, so that a port's id cannot be passed where a network's is meant.</summary>
public interface IResourceId
{
    /// <summary>The id as OpenStack writes it, which is also the grain's key.</summary>
    string Text { get; }
}

/// <summary>An <see cref="IResourceId"/> that can be read back from its text.</summary>
public interface IResourceId<TSelf> : IResourceId
    where TSelf : struct, IResourceId<TSelf>
{
    /// <summary>Reads an id; false when the text is not one.</summary>
    static abstract bool TryParse([NotNullWhen(true)] string? text, out TSelf id);
}

/// <summary>Reads and writes ids as OpenStack does.</summary>
public static class ResourceIdText
{
    /// <summary>The dashed form of most services; also takes 32 digits without dashes, as OpenStack's <c>is_uuid_like</c> does.</summary>
    public static bool TryParseUuid([NotNullWhen(true)] string? text, out Guid id)
    {
        id = default;
        return text is { Length: 36 or 32 } && (Guid.TryParseExact(text, "D", out id) || Guid.TryParseExact(text, "N", out id));
    }

    /// <summary>Identity's form: 32 hexadecimal digits without dashes.</summary>
    public static string NewHex() => Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    /// <summary>The grain of an id.</summary>
    public static T GetGrain<T>(this IGrainFactory grains, IResourceId id)
        where T : IGrainWithStringKey => grains.GetGrain<T>(id.Text);
}

/// <summary>JSON form of an id: its text, as a value and as a dictionary key.</summary>
public sealed class ResourceIdJsonConverter<TId> : JsonConverter<TId>
    where TId : struct, IResourceId<TId>
{
    /// <inheritdoc/>
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);

    /// <inheritdoc/>
    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, [DisallowNull] TId value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Text);

    private static TId Parse(string? text) =>
        TId.TryParse(text, out var id) ? id : throw new JsonException($"'{text}' is not a {typeof(TId).Name}.");
}
