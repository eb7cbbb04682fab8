using System.Collections.Frozen;
using System.Diagnostics;
using System.Text.Json;
using Fabric.Gateway.Http.Schemas;
using Fabric.Gateway.Policy;
using Microsoft.AspNetCore.Http.Features;
using Orleans.Runtime;

namespace Fabric.Gateway.Http;

/// <summary>
/// What every request goes through, in this order: request id, version, line of the route table, token, role, body, handler. One executor
/// stands for one path of one service and knows all its lines. The order is OpenStack's: its pipeline puts the token check before the
/// router, so a stranger learns nothing about which paths exist beyond what is public.
/// </summary>
internal sealed partial class RouteExecutor(ServiceApi service, IReadOnlyList<Route> lines, PolicyBook policies, ILogger logger)
{
    private static readonly ActivitySource Traces = new("Fabric.Gateway");

    private readonly FrozenDictionary<string, RouteLines> methods = RouteLines.ByMethod(lines);

    public async Task Execute(HttpContext http)
    {
        RequestIds.Assign(http, service.RequestIdHeader);
        if (service.Vary is { } header)
            http.Response.Headers.Vary = header;
        try
        {
            if (service.LimitsEveryBody && http.Request.ContentLength > service.BodyLimitBytes && !lines.Any(static line => line.Streams))
                throw TooLarge();
            var version = Negotiate(http);
            var method = HttpMethods.IsHead(http.Request.Method) && !methods.ContainsKey(HttpMethods.Head)
                ? HttpMethods.Get : http.Request.Method;
            if (service.Faults.TellsRoutes && await AnswerOpenly(http, method))
                return;
            var isPublic = methods.GetValueOrDefault(method)?.IsPublic == true;
            var caller = isPublic ? null : await Authenticate(http);
            if (caller is null && !isPublic)
            {
                await FaultReply.Unauthorized(http, service.Faults);
                return;
            }

            await Run(http, version, method, caller);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.TooLarge && service.Faults.TooLarge(service.BodyLimitBytes) is { } reply)
        {
            await reply.ExecuteAsync(http);
        }
        catch (Fault fault)
        {
            await FaultReply.Write(http, service.Faults, fault);
        }
        catch (Exception error) when (error is TimeoutException or OrleansException)
        {
            logger.DependencyFailed(error, service.Type, http.Request.Method, http.Request.Path);
            await FaultReply.Write(http, service.Faults,
                Fault.Unavailable("The service is currently unable to handle the request. Try again later."));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            logger.ClientGone(service.Type, http.Request.Method, http.Request.Path);
        }
        catch (Exception error)
        {
            // The one place where anything may end: it is a bug of ours, and the log has it whole.
            logger.RequestFailed(error, service.Type, http.Request.Method, http.Request.Path);
            await FaultReply.Write(http, service.Faults, service.Faults.Unexpected());
        }
    }

    private async Task Run(HttpContext http, Microversion version, string method, Caller? caller)
    {
        if (HasBlankId(http.Request.RouteValues) || (!service.IgnoresTrailingSlash && http.Request.Path.Value!.EndsWith('/')))
            throw service.Faults.NoSuchRoute(http.Request.Path);
        var offered = methods.GetValueOrDefault(method)?.At(version) ?? [];
        if (offered.Length == 0)
        {
            throw lines.Any(line => line.Offers(version)) ? NotAllowed() : service.Faults.NoSuchRoute(http.Request.Path);
        }

        var body = offered[0].Action is null && offered[0].Body is null ? default
            : http.Items[ReadAlready] is JsonElement read ? read : await ReadBody(http);
        var line = offered[0].Action is null ? offered[0] : FindAction(offered, body);
        var rules = policies.Current;
        var call = new Call(http, service, line, version, rules) { Body = body };
        if (caller is not null)
        {
            call.Caller = rules.Judge(caller);
            if (line.Sought is { } sought)
                await sought(call);
        }

        var rule = line.Rule is { } choose ? await choose(call) : line.Policy;
        if (caller is not null && !line.AskedLater && !call.Allows(rule))
        {
            await (service.Faults.Unreadable(line) ?? throw service.Faults.Denied(rule)).ExecuteAsync(http);
            return;
        }

        if (line.Target is { } target && !call.Allows(line.Policy, target(call)))
            throw service.Faults.Denied(line.Policy);
        Validate(line, body, version);
        if (line.Streams && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        using var activity = Traces.StartActivity(line.Policy.Name);
        activity?.SetTag("openstack.request_id", call.RequestId);
        var result = await line.Handler(call);
        await result.ExecuteAsync(http);
    }

    /// <summary>A blank where an id should be names nothing, and no grain may have it for a key.</summary>
    private static bool HasBlankId(RouteValueDictionary values)
    {
        foreach (var (name, value) in values)
        {
            if (name.EndsWith("id", StringComparison.Ordinal) && string.IsNullOrWhiteSpace(value as string))
                return true;
        }

        return false;
    }

    private Microversion Negotiate(HttpContext http)
    {
        if (service.Microversions is not { } window)
            return default;
        var version = window.Negotiate(http.Request.Headers);
        window.Write(http.Response.Headers, version);
        return version;
    }

    private async ValueTask<Caller?> Authenticate(HttpContext http)
    {
        var token = http.Request.Headers["X-Auth-Token"].ToString();
        if (token.Length == 0)
            return null;
        var path = http.Request.Path.Value!;
        var asked = new AskedRequest(service.Type, http.Request.Method, path, service.PathFromVersion(path),
            http.Request.Headers["X-Service-Token"]);
        var caller = await http.RequestServices.GetRequiredService<ITokenValidator>().Validate(token, asked, http.RequestAborted);
        return caller is null ? null : caller with { RequestId = (string)http.Items[RequestIds.ItemKey]! };
    }

    private static Fault NotAllowed() =>
        new(FaultKind.MethodNotAllowed, "MethodNotAllowed", "The method is not allowed for the requested URL.");

    private async Task<JsonElement> ReadBody(HttpContext http)
    {
        if (http.Request.ContentLength > service.BodyLimitBytes)
            throw TooLarge();
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = service.BodyLimitBytes;
        try
        {
            using var document = await JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
            var body = document.RootElement.Clone();
            return JsonText.IsReadable(body) ? body : throw service.Faults.Malformed();
        }
        catch (JsonException)
        {
            throw service.Faults.Malformed();
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge();
        }
    }

    private static Fault TooLarge() => new(FaultKind.TooLarge, "RequestTooLarge", "Request is too large.");

    private Route FindAction(Route[] offered, JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw service.Faults.Malformed();
        foreach (var property in body.EnumerateObject())
        {
            if (Array.Find(offered, line => line.Action == property.Name) is { } line)
                return line;
        }

        throw service.Faults.NoSuchAction(body.EnumerateObject().Select(static property => property.Name).FirstOrDefault() ?? "");
    }

    private void Validate(Route line, JsonElement body, Microversion version)
    {
        if (line.Body is not { } schemas)
            return;
        var schema = schemas.LastOrDefault(candidate => candidate.Since is not { } since || version >= since)?.Schema;
        if (schema?.Check(body, SchemaPath.Root) is { } error)
            throw service.Faults.Invalid(error);
    }
}
