using System.Text.Json;
using Fabric.Gateway.Identity.Federation;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>A thing named by id, or by name and user domain.</summary>
internal sealed record NamedThing(string? Id, string? Name, NamedThing? Domain)
{
    /// <summary>Reads one; what is no text names nothing.</summary>
    internal static NamedThing Of(JsonElement element) => new(
        Text(element, "id"), Text(element, "name"), element.TryGetProperty("domain", out var domain) ? Of(domain) : null);

    /// <summary>The user of a method's data, and a bad request when nobody is named. An empty name or id is none, and a name counts before
    /// an id.</summary>
    internal static NamedThing User(JsonElement data)
    {
        // "None" is what Keystone says where it does not know yet what it reads.
        if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("user", out var user))
            throw IdentityFaults.Missing("user", "None");
        var thing = user.ValueKind == JsonValueKind.Object ? Of(user) : new(null, null, null);
        if (thing is { HasId: false, HasName: false })
            throw IdentityFaults.Missing("id or name", "user");
        if (!thing.HasName)
            return thing;
        if (thing.Domain is null)
            throw IdentityFaults.Missing("domain", "user");
        return thing.Domain is { HasId: false, HasName: false } ? throw IdentityFaults.Missing("id or name", "domain") : thing;
    }

    internal bool HasId => Id is { Length: > 0 };

    internal bool HasName => Name is { Length: > 0 };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>What a login asks for (source: class <c>AuthInfo</c> in <c>keystone/auth/core.py</c>).</summary>
internal sealed record AuthRequest
{
    private const string NotSupported = "AuthMethodNotSupported", NoScope = "ApplicationCredentialAuthError";

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

    /// <summary>What was brought to prove what an identity provider says; null when it is still to be read.</summary>
    public PresentedProof? Proof { get; init; }

    /// <summary>What asks for an unscoped token by the word of an identity provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="protocol">The protocol; one that is no method's name is as good as any.</param>
    /// <param name="proof">What was brought.</param>
    internal static AuthRequest Federated(string provider, string protocol, PresentedProof proof)
    {
        var method = MappedMethod.Names.Contains(protocol) ? protocol : MappedMethod.Names[0];
        var data = new Dictionary<string, object> { [method] = new { identity_provider = provider, protocol } };
        return new() { Methods = [method], Identity = JsonSerializer.SerializeToElement(data), Proof = proof };
    }

    /// <summary>What the answer to a login that a method refused says of methods; null for any other refusal.</summary>
    internal static object? NameMethods(Fault fault, IReadOnlySet<string> offered) => fault.Type switch
    {
        NotSupported => new { methods = TokenMethodNames.InOrder(offered) },
        NoScope => new { },
        _ => null,
    };

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
        }

        foreach (var method in methods)
        {
            if (!offered.Contains(method))
                throw new Fault(FaultKind.Unauthorized, NotSupported, "Attempted to authenticate with an unsupported method.");
        }

        if (identity.TryGetProperty("password", out var password) && password.TryGetProperty("user", out var user))
            RequireIdOrName(user, "identity/password/user");
        var request = new AuthRequest { Methods = methods, Identity = identity };
        if (!auth.TryGetProperty("scope", out var scope))
            return request;
        return methods.Contains("application_credential")
            ? throw new Fault(FaultKind.Unauthorized, NoScope,
                "Error authenticating with application credential: Application credentials cannot request a scope.")
            : WithScope(request, scope);
    }

    private static AuthRequest WithScope(AuthRequest request, JsonElement scope)
    {
        if (scope.ValueKind == JsonValueKind.String)
        {
            return scope.GetString()!.Contains("unscoped", StringComparison.Ordinal)
                ? request with { Scope = TokenScope.Unscoped }
                : throw BadScope();
        }

        string[] kinds = ["project", "domain", "unscoped", "system", "OS-TRUST:trust"];
        if (kinds.Count(kind => scope.TryGetProperty(kind, out _)) != 1)
            throw BadScope();
        if (scope.TryGetProperty("system", out _))
            return request with { Scope = TokenScope.System };
        if (scope.TryGetProperty("unscoped", out _))
            return request with { Scope = TokenScope.Unscoped };
        if (scope.TryGetProperty("OS-TRUST:trust", out var trust))
        {
            return NamedThing.Of(trust) is { HasId: true, Id: var id }
                ? request with { TrustId = id }
                : throw IdentityFaults.Missing("trust_id", "trust");
        }

        if (scope.TryGetProperty("domain", out var domain))
        {
            RequireIdOrName(domain, "scope/domain");
            return request with { Scope = TokenScope.Domain, ScopeThing = NamedThing.Of(domain) };
        }

        var project = scope.GetProperty("project");
        RequireIdOrName(project, "scope/project");
        var thing = NamedThing.Of(project);
        if (thing is { HasName: true, Domain: null })
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
