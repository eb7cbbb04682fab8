namespace Fabric.Grains.Kernel;

/// <summary>Who makes a request, as the token says. Roles include the implied ones, so a check only looks for the name.</summary>
[GenerateSerializer, Immutable, Alias("kernel.caller")]
public sealed record Caller
{
    [Id(0)] public required UserId UserId { get; init; }
    [Id(1)] public required string UserName { get; init; }
    [Id(2)] public required UserDomainId UserDomainId { get; init; }

    /// <summary>The project the token is scoped to; null for an unscoped, domain or system token.</summary>
    [Id(3)] public ProjectId? ProjectId { get; init; }
    [Id(4)] public string? ProjectName { get; init; }
    [Id(5)] public UserDomainId? ProjectDomainId { get; init; }

    /// <summary>The user domain the token is scoped to, for a domain token.</summary>
    [Id(6)] public UserDomainId? DomainId { get; init; }

    /// <summary>True for a token of scope <c>system: all</c>.</summary>
    [Id(7)] public bool SystemScope { get; init; }

    /// <summary>Names of the roles, implied ones included, in lower case.</summary>
    [Id(8)] public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary><c>req-…</c>, as answered in <c>X-Openstack-Request-Id</c>.</summary>
    [Id(9)] public string RequestId { get; init; } = "";

    /// <summary>What the <c>context_is_admin</c> of the service asked says, where an operator wrote one; else null.</summary>
    [Id(10)] public bool? Admin { get; init; }

    /// <summary>Is an admin (OpenStack's <c>is_admin</c>).</summary>
    public bool IsAdmin => Admin ?? HasRole("admin");

    /// <summary>Has the role, by name or by implication.</summary>
    public bool HasRole(string role)
    {
        // By index: an enumerator of an interface would be allocated, and each request asks many times.
        for (var at = 0; at < Roles.Count; at++)
        {
            if (string.Equals(Roles[at], role, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
