using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>Who may, in identity's terms: besides the cloud's admin, a reader of the whole system, readers of one user domain, and
/// whoever it is about (source: <c>keystone/common/policies/base.py</c>).</summary>
internal static class IdentityChecks
{
    internal static readonly PolicyCheck AdminOrSystemReader = static (caller, _) => IsAdminOrSystemReader(caller);

    internal static readonly PolicyCheck DomainReader = static (caller, target) =>
        IsAdminOrSystemReader(caller) || ReadsDomain(caller, target);

    internal static readonly PolicyCheck DomainReaderOrUser = static (caller, target) =>
        IsAdminOrSystemReader(caller) || ReadsDomain(caller, target) || caller.UserId == target.UserId;

    internal static readonly PolicyCheck DomainReaderOrProjectUser = static (caller, target) =>
        IsAdminOrSystemReader(caller) || ReadsDomain(caller, target) || (caller.ProjectId is { } project && project == target.ProjectId);

    /// <summary>Also anybody whose token is scoped to the user domain or to one of its projects.</summary>
    internal static readonly PolicyCheck InDomain = static (caller, target) => IsAdminOrSystemReader(caller)
        || (target.DomainId is { } domain && (caller.DomainId == domain || caller.ProjectDomainId == domain));

    internal static readonly PolicyCheck TokenSubject = static (caller, target) =>
        IsAdminOrSystemReader(caller) || caller.UserId == target.UserId;

    internal static readonly PolicyCheck ServiceOrTokenSubject = static (caller, target) =>
        IsAdminOrSystemReader(caller) || caller.HasRole("service") || caller.UserId == target.UserId;

    private static bool IsAdminOrSystemReader(Caller caller) => caller.IsAdmin || (caller.SystemScope && caller.HasRole("reader"));

    private static bool ReadsDomain(Caller caller, PolicyTarget target) =>
        caller.DomainId is { } domain && domain == target.DomainId && caller.HasRole("reader");
}
