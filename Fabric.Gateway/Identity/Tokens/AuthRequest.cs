using System.Text.Json;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>A thing named by id, or by name and user domain.</summary>
internal sealed record NamedThing(string? Id, string? Name, NamedThing? Domain)
{
    /// <summary>Reads one; what is no text names nothing.</summary>
    internal static NamedThing Of(JsonElement element) => new(
        Text(element, "id"), Text(element, "name"), element.TryGetProperty("domain", out var domain) ? Of(domain) : null);

    /// <summary>The user of a method's data, in the words of that method when nobody is named.</summary>
    internal static NamedThing User(JsonElement data, string method)
    {
        if (!data.TryGetProperty("user", out var user))
            throw IdentityFaults.Missing("user", method);
        var thing = Of(user);
        if (thing.Id is null && thing.Name is null)
            throw IdentityFaults.Missing("id or name", "user");
        return thing.Id is null && thing.Domain is null ? throw IdentityFaults.Missing("domain", "user") : thing;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>What a login asks for (source: class <c>AuthInfo</c> in <c>keystone/auth/core.py</c>).</summary>
internal sealed record AuthRequest
{
    /// <summary>The methods by which the user wants to prove who it is, each once.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>What each method needs.</summary>
    public required JsonElement Identity { get; init; }

    /// <summary>Null when nothing is said: then the user's default project counts.</summary>
    public TokenScope? Scope { get; init; }

    /// <summary>The project or user domain of the scope.</summary>
    public NamedThing? ScopeThing { get; init; }

    /// <summary>The trust of a scope that is one.</summary>
    public string? TrustId { get; init; }

    /// <summary>Reads a body that fits the schema.</summary>
    /// <param name="auth">The member of the body.</param>
    /// <param name="offered">The methods that are offered.</param>
    internal static AuthRequest Parse(JsonElement auth, IReadOnlySet<string> offered)
    {
        var identity = auth.GetProperty("identity");
        string[] methods = [.. identity.GetProperty("methods").EnumerateArray().Select(static method => method.GetString()!).Distinct()];
        foreach (var method in methods)
        {
            if (!identity.TryGetProperty(method, out _))
                throw IdentityFaults.Missing(method, "identity");
            if (!offered.Contains(method))
                throw Fault.Unauthorized("Attempted to authenticate with an unsupported method.");
        }

        if (identity.TryGetProperty("password", out var password) && password.TryGetProperty("user", out var user))
            RequireIdOrName(user, "identity/password/user");
        var request = new AuthRequest { Methods = methods, Identity = identity };
        if (!auth.TryGetProperty("scope", out var scope))
            return request;
        return methods.Contains("application_credential")
            ? throw Fault.Unauthorized(
                "Error authenticating with application credential: Application credentials cannot request a scope.")
            : WithScope(request, scope);
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
        if (scope.TryGetProperty("OS-TRUST:trust", out var trust))
            return request with { TrustId = NamedThing.Of(trust).Id ?? throw IdentityFaults.Missing("trust_id", "trust") };
        if (scope.TryGetProperty("domain", out var domain))
        {
            RequireIdOrName(domain, "scope/domain");
            return request with { Scope = TokenScope.Domain, ScopeThing = NamedThing.Of(domain) };
        }

        var project = scope.GetProperty("project");
        RequireIdOrName(project, "scope/project");
        var thing = NamedThing.Of(project);
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
}
