using System.Text.Json;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>A thing named by id, or by name and user domain.</summary>
internal sealed record NamedThing(string? Id, string? Name, NamedThing? Domain);

/// <summary>What a login asks for (source: class <c>AuthInfo</c> in <c>keystone/auth/core.py</c>).</summary>
internal sealed record AuthRequest
{
    public required IReadOnlyList<string> Methods { get; init; }
    public NamedThing? User { get; init; }
    public string Password { get; init; } = "";
    public string? TokenId { get; init; }

    /// <summary>Null when nothing is said: then the user's default project counts.</summary>
    public TokenScope? Scope { get; init; }

    /// <summary>The project or user domain of the scope.</summary>
    public NamedThing? ScopeThing { get; init; }

    /// <summary>Reads a body that fits the schema.</summary>
    internal static AuthRequest Parse(JsonElement auth)
    {
        var identity = auth.GetProperty("identity");
        string[] methods = [.. identity.GetProperty("methods").EnumerateArray().Select(static method => method.GetString()!).Distinct()];
        foreach (var method in methods)
        {
            if (!identity.TryGetProperty(method, out _))
                throw IdentityFaults.Missing(method, "identity");
            if (method is not ("password" or "token"))
                throw Fault.Unauthorized("Attempted to authenticate with an unsupported method.");
        }

        if (methods.Length == 0)
            throw IdentityFaults.Unauthorized();
        var request = new AuthRequest { Methods = methods };
        if (methods.Contains("password"))
            request = WithPassword(request, identity.GetProperty("password"));
        if (methods.Contains("token"))
            request = request with { TokenId = identity.GetProperty("token").GetProperty("id").GetString() };
        return auth.TryGetProperty("scope", out var scope) ? WithScope(request, scope) : request;
    }

    private static AuthRequest WithPassword(AuthRequest request, JsonElement password)
    {
        if (!password.TryGetProperty("user", out var user))
            throw IdentityFaults.Missing("user", "password");
        RequireIdOrName(user, "identity/password/user");
        var thing = Thing(user);
        if (thing.Id is null && thing.Domain is null)
            throw IdentityFaults.Missing("domain", "user");
        return request with { User = thing, Password = user.TryGetProperty("password", out var text) ? text.GetString()! : "" };
    }

    private static AuthRequest WithScope(AuthRequest request, JsonElement scope)
    {
        if (scope.ValueKind == JsonValueKind.String)
            return scope.GetString() == "unscoped" ? request with { Scope = TokenScope.Unscoped } : throw BadScope();
        string[] kinds = ["project", "domain", "unscoped", "system", "OS-TRUST:trust"];
        if (kinds.Count(kind => scope.TryGetProperty(kind, out _)) != 1)
            throw BadScope();
        if (scope.TryGetProperty("system", out _))
            return request with { Scope = TokenScope.System };
        if (scope.TryGetProperty("unscoped", out _))
            return request with { Scope = TokenScope.Unscoped };
        if (scope.TryGetProperty("domain", out var domain))
        {
            RequireIdOrName(domain, "scope/domain");
            return request with { Scope = TokenScope.Domain, ScopeThing = Thing(domain) };
        }

        if (!scope.TryGetProperty("project", out var project))
            throw Fault.NotImplemented("Trusts are not offered.");
        RequireIdOrName(project, "scope/project");
        var thing = Thing(project);
        if (thing.Name is not null && thing.Domain is null)
            throw IdentityFaults.Missing("domain", "project");
        return request with { Scope = TokenScope.Project, ScopeThing = thing };
    }

    private static Fault BadScope() => IdentityFaults.Missing("system, project, domain, OS-TRUST:trust or unscoped", "scope");

    private static void RequireIdOrName(JsonElement thing, string path)
    {
        if (!thing.TryGetProperty("id", out _) && !thing.TryGetProperty("name", out _))
            throw Fault.BadRequest("SchemaValidationError", $"Invalid input for field {path}: id or name must be present.");
        if (thing.TryGetProperty("domain", out var domain))
            RequireIdOrName(domain, path + "/domain");
    }

    private static NamedThing Thing(JsonElement element) => new(
        element.TryGetProperty("id", out var id) ? id.GetString() : null,
        element.TryGetProperty("name", out var name) ? name.GetString() : null,
        element.TryGetProperty("domain", out var domain) ? Thing(domain) : null);
}
