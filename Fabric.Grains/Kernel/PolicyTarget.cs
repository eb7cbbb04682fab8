namespace Fabric.Grains.Kernel;

/// <summary>A thing whose attributes policy checks compare with the caller, under oslo.policy's names: <c>target.user.domain_id</c>,
/// <c>network:tenant_id</c>, <c>visibility</c>.</summary>
public interface IPolicyAttributes
{
    /// <summary>The value of an attribute. False when the thing has none of the name, and then no check that names it holds; a null is
    /// an attribute that is there and is <c>None</c>; booleans are <c>True</c> and <c>False</c>.</summary>
    bool TryGet(string name, out string? value);
}

/// <summary>The attributes of a looked-up thing that a policy check compares with the caller. What is null is not there.</summary>
/// <param name="ProjectId"><c>project_id</c> and <c>tenant_id</c>.</param>
/// <param name="UserId"><c>user_id</c></param>
/// <param name="DomainId"><c>domain_id</c> and <c>target.domain_id</c></param>
public readonly record struct PolicyTarget(ProjectId? ProjectId = null, UserId? UserId = null, UserDomainId? DomainId = null)
{
    /// <summary>What it has besides.</summary>
    public IPolicyAttributes? Attributes { get; init; }

    /// <summary>A thing that has not been looked up: every check on it holds that could hold for some thing. So a request that its
    /// caller may do to nothing at all ends before anything is looked up.</summary>
    public static PolicyTarget Unknown { get; } = new() { IsUnknown = true };

    /// <summary>Whether this is <see cref="Unknown"/>.</summary>
    public bool IsUnknown { get; private init; }

    /// <summary>A target with these attributes and no others.</summary>
    public static PolicyTarget Of(IPolicyAttributes attributes) => new() { Attributes = attributes };

    internal bool TryGet(string name, out string? value)
    {
        value = name switch
        {
            "project_id" or "tenant_id" => ProjectId?.Text,
            "user_id" => UserId?.Text,
            "domain_id" or "target.domain_id" => DomainId?.Text,
            _ => null,
        };
        return value is not null || (Attributes is { } more && more.TryGet(name, out value));
    }
}

/// <summary>A handful of attributes, for a thing that has no type of its own to say them. Few are set, so they are looked for one after
/// the other.</summary>
public sealed class PolicyAttributes : IPolicyAttributes
{
    private readonly (string Name, string? Value)[] all;

    /// <summary>Takes names and values; a later one of the same name does not count.</summary>
    public PolicyAttributes(params (string Name, string? Value)[] all) => this.all = all;

    /// <inheritdoc/>
    public bool TryGet(string name, out string? value)
    {
        foreach (var (known, is_) in all)
        {
            if (known == name)
            {
                value = is_;
                return true;
            }
        }

        value = null;
        return false;
    }
}
