using System.Text.Json;

namespace Fabric.Gateway.Http;

/// <summary>Numbers of bodies whose schema has accepted them. To JSON schema <c>1.0</c> is an integer, which the parser's own readers of
/// integers refuse.</summary>
internal static class JsonNumber
{
    /// <summary>A whole number, however it is written.</summary>
    internal static long Whole(this JsonElement value) => value.TryGetInt64(out var number) ? number : (long)value.GetDecimal();
}
