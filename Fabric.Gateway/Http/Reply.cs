using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fabric.Gateway.Http;

/// <summary>How wire records become JSON: snake case unless a property says otherwise, nulls written, nothing escaped that JSON lets
/// stand.</summary>
public static class Wire
{
    /// <summary>The options of every answer.</summary>
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,
    };

    /// <summary>Seconds and <c>Z</c>, as compute, image and networking write times: <c>2026-01-31T08:00:00Z</c>.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Microseconds without or with <c>Z</c>, as identity (<c>.ffffffZ</c>) and older bodies (<c>.ffffff</c>) write
    /// them.</summary>
    public static string Micros(DateTimeOffset time, bool zulu = true) =>
        time.UtcDateTime.ToString(
            zulu ? "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Answers.</summary>
public static class Reply
{
    /// <summary>A JSON body.</summary>
    public static IResult Json(object body, int status = 200) =>
        new WrittenReply(writer => JsonSerializer.Serialize(writer, body, body.GetType(), Wire.Options), status);

    /// <summary>A JSON body that is written without objects in between.</summary>
    public static IResult Written(Action<Utf8JsonWriter> write, int status = 200) => new WrittenReply(write, status);

    /// <summary>JSON made earlier, for small hot bodies.</summary>
    public static IResult Utf8(ReadOnlyMemory<byte> json, int status = 200) => new Utf8Reply(json, status);

    /// <summary>No body.</summary>
    public static IResult Empty(int status = 204) => new EmptyReply(status);

    /// <summary>Writes into memory that is used again: a list of a thousand things is megabytes, which the collector would count as
    /// large objects.</summary>
    private sealed class WrittenReply(Action<Utf8JsonWriter> write, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            using var buffer = new PooledBuffer();
            using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = Wire.Options.Encoder, SkipValidation = true }))
                write(writer);
            await new Utf8Reply(buffer.Written, status).ExecuteAsync(http);
        }
    }

    private sealed class Utf8Reply(ReadOnlyMemory<byte> json, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = json.Length;
            return http.Response.Body.WriteAsync(json, http.RequestAborted).AsTask();
        }
    }

    private sealed class EmptyReply(int status) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = status;
            if (status is not (204 or 304))
                http.Response.ContentLength = 0;
            return Task.CompletedTask;
        }
    }
}
