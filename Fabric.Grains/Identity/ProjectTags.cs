using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>The tags of a project, or of a user domain as the project that acts as one.</summary>
internal static class ProjectTags
{
    /// <summary>In the order in which they are read.</summary>
    internal static IReadOnlyList<string> Ordered(IEnumerable<string> tags) => [.. tags.Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>With one more; the same list when it is there.</summary>
    internal static IReadOnlyList<string> With(IReadOnlyList<string> tags, string tag) =>
        tags.Contains(tag, StringComparer.Ordinal) ? tags : Ordered(tags.Append(tag));

    /// <summary>With one less; not found when it is not there.</summary>
    internal static IReadOnlyList<string> Without(IReadOnlyList<string> tags, string tag) => tags.Contains(tag, StringComparer.Ordinal)
        ? [.. tags.Where(other => other != tag)]
        : throw IdentityFaults.NotFound("project tag", tag);

    /// <summary>What is immutable keeps its tags.</summary>
    internal static void RequireMutable(string? options, string act, string id)
    {
        if (ResourceOptions.IsSet(options, ResourceOptions.Immutable))
        {
            throw new Fault(FaultKind.Forbidden, "ResourceUpdateForbidden", $"Cannot {act} project tags for {id}, project is "
                + "immutable. Set \"immutable\" option to false before creating project tags.");
        }
    }
}
