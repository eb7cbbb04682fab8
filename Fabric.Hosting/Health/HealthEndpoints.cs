namespace Fabric.Hosting.Health;

/// <summary><c>/healthz</c>: the process lives. <c>/readyz</c>: it can serve; until then 503 and what is missing.</summary>
internal static class HealthEndpoints
{
    /// <summary>Maps both.</summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", static () => Results.Text("ok\n"));
        endpoints.MapGet("/readyz", static async (Readiness readiness, CancellationToken ct) =>
        {
            var missing = await readiness.Missing(ct);
            return missing.Count == 0
                ? Results.Text("ready\n")
                : Results.Text($"not ready: {string.Join(", ", missing)}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        });
    }
}
