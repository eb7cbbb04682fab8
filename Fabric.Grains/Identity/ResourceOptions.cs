using System.Text.Json;
using System.Text.Json.Nodes;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>The named switches of a user, project, user domain or role (source: <c>keystone/common/resource_options</c>). Kept as the text
/// of a JSON object; null when none is set.</summary>
public static class ResourceOptions
{
    /// <summary>The thing can be neither changed nor deleted until this is taken away.</summary>
    public const string Immutable = "immutable";

    /// <summary>A new user's password is good without being changed first.</summary>
    public const string IgnoreFirstUse = "ignore_change_password_upon_first_use";

    /// <summary>The user's password never expires.</summary>
    public const string IgnoreExpiry = "ignore_password_expiry";

    /// <summary>Wrong passwords never lock the user out.</summary>
    public const string IgnoreLockout = "ignore_lockout_failure_attempts";

    /// <summary>The user cannot change its own password.</summary>
    public const string LockPassword = "lock_password";

    /// <summary>The user may stay away as long as it likes.</summary>
    public const string IgnoreInactivity = "ignore_user_inactivity";

    /// <summary>The options with a change over them: what the change says is null goes.</summary>
    public static string? Merge(string? old, string? change)
    {
        if (change is null)
            return old;
        var merged = JsonNode.Parse(old ?? "{}")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            merged.Remove(name);
            if (value is not null)
                merged[name] = value.DeepClone();
        }

        return merged.Count == 0 ? null : merged.ToJsonString();
    }

    /// <summary>Whether a switch is on.</summary>
    public static bool IsSet(string? options, string name)
    {
        if (options is null)
            return false;
        using var document = JsonDocument.Parse(options);
        return document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
    }

    /// <summary>What is immutable changes in one way alone: by taking that away, and nothing else in the same request.</summary>
    /// <param name="options">The options now.</param>
    /// <param name="change">What the request says about options.</param>
    /// <param name="alone">Whether it says nothing else.</param>
    /// <param name="kind">What it is called.</param>
    /// <param name="id">Its id.</param>
    internal static void RequireMutable(string? options, string? change, bool alone, string kind, string id)
    {
        if (!IsSet(options, Immutable) || (alone && Frees(change)))
            return;
        throw new Fault(FaultKind.Forbidden, "ResourceUpdateForbidden",
            $"Unable to update immutable {kind} resource: `{id}. Set resource option \"immutable\" to false first.");
    }

    /// <summary>What is immutable stays.</summary>
    internal static void RequireDeletable(string? options, string kind, string id)
    {
        if (IsSet(options, Immutable))
        {
            throw new Fault(FaultKind.Forbidden, "ResourceDeleteForbidden",
                $"Unable to delete immutable {kind} resource: `{id}. Set resource option \"immutable\" to false first.");
        }
    }

    private static bool Frees(string? change)
    {
        if (change is null)
            return false;
        using var document = JsonDocument.Parse(change);
        return document.RootElement.TryGetProperty(Immutable, out var value)
            && value.ValueKind is JsonValueKind.False or JsonValueKind.Null;
    }
}
