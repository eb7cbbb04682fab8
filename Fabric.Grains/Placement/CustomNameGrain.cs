using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Placement;

/// <summary>A trait or resource class that a user added. The key is its kind and its name: <c>trait/CUSTOM_GOLD</c>.</summary>
[Alias("placement.custom-name")]
public interface ICustomNameGrain : IGrainWithStringKey
{
    /// <summary>Adds it; false when it was there.</summary>
    [Alias("Add")]
    Task<bool> Add();

    /// <summary>Removes it; false when it was not there.</summary>
    [Alias("Remove")]
    Task<bool> Remove();
}

/// <summary>The record of a custom name.</summary>
[GenerateSerializer, Immutable, Alias("placement.custom-name-state")]
public sealed record CustomNameState : IIndexedRecord
{
    /// <summary>The kind of its rows; the row's status says which kind of name it is.</summary>
    public const string Kind = "placement-name";

    public const string Trait = "trait";
    public const string ResourceClass = "resource-class";

    [Id(0)] public string Type { get; init; } = "";
    [Id(1)] public string Name { get; init; } = "";
    [Id(2)] public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The grain's key.</summary>
    public static string Key(string type, string name) => type + "/" + name;

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { Name = Name, Status = Type, CreatedAt = CreatedAt, UpdatedAt = CreatedAt };
}

/// <summary>One custom name.</summary>
[GrainType("placement.custom-name")]
internal sealed class CustomNameGrain([PersistentState(CustomNameState.Kind)] IPersistentState<CustomNameState> record, TimeProvider time)
    : Grain, ICustomNameGrain
{
    public async Task<bool> Add()
    {
        if (record.RecordExists)
            return false;
        var parts = this.GetPrimaryKeyString().Split('/', 2);
        if (!StandardNames.IsCustom(parts[1]))
            throw Fault.BadRequest($"'{parts[1]}' does not match '^CUSTOM_[A-Z0-9_]+$'");
        await record.Save(new() { Type = parts[0], Name = parts[1], CreatedAt = time.GetUtcNow() });
        return true;
    }

    public async Task<bool> Remove()
    {
        if (!record.RecordExists)
            return false;
        await record.ClearStateAsync();
        return true;
    }
}
