using System.Text.Json;
using System.Text.Json.Nodes;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Settings as the text of a JSON object, some of them secret. A type of its own so that printing a record never prints
/// it.</summary>
[GenerateSerializer, Immutable, Alias("identity.configtext")]
public readonly record struct ConfigText([property: Id(0)] string Text)
{
    /// <inheritdoc/>
    public override string ToString() => "(hidden)";
}

/// <summary>A user domain's own settings: groups of options.</summary>
[GenerateSerializer, Immutable, Alias("identity.domainconfig")]
public sealed record DomainConfigState : IIndexedRecord
{
    [Id(0)] public required UserDomainId DomainId { get; init; }
    [Id(1)] public required ConfigText Groups { get; init; }
    [Id(2)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(3)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Every setting, the secret ones included.</summary>
    public JsonObject Read() => JsonNode.Parse(Groups.Text)!.AsObject();

    /// <summary>Whether the group, or the option of it, is set at all.</summary>
    public bool Has(string group, string? option) =>
        Read()[group] is JsonObject options && (option is null ? options.Count > 0 : options.ContainsKey(option));

    /// <summary>The settings that may be shown, by group; groups without one fall away.</summary>
    public Dictionary<string, Dictionary<string, JsonElement>> Shown()
    {
        using var document = JsonDocument.Parse(Groups.Text);
        return document.RootElement.EnumerateObject()
            .Select(static group => (group.Name, Options: group.Value.EnumerateObject()
                .Where(option => !DomainConfigOptions.IsSecret(group.Name, option.Name))
                .ToDictionary(static option => option.Name, static option => option.Value.Clone())))
            .Where(static group => group.Options.Count > 0)
            .ToDictionary(static group => group.Name, static group => group.Options);
    }

    /// <summary>The settings with others over them.</summary>
    public static string Merge(JsonObject all, string change)
    {
        foreach (var (group, options) in JsonNode.Parse(change)!.AsObject())
        {
            if (all[group] is not JsonObject known)
                all[group] = known = [];
            foreach (var (option, value) in options!.AsObject())
                known[option] = value?.DeepClone();
        }

        return all.ToJsonString();
    }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>The settings of one user domain. Its key is the domain's id.</summary>
[Alias("identity.IDomainConfigGrain")]
public interface IDomainConfigGrain : IGrainWithStringKey
{
    /// <summary>Replaces all settings; true when there were none before.</summary>
    Task<bool> Set(ConfigText groups);

    /// <summary>Puts settings over those that are there. Not found when the group, or the option of it, that the request is about is not
    /// set.</summary>
    Task Merge(ConfigText groups, string? group, string? option);

    /// <summary>Takes away all settings, a group or an option; not found when the group or option is not set.</summary>
    Task Remove(string? group, string? option);
}
